/* SPDX-License-Identifier: ISC */
/*
 * mob.c - many clients at once that want a drop to be useless to others.
 *
 * usage: mob URL CACERT ORIGIN ADDRESS CLIENTS SECONDS MODE
 *
 *   none    fresh parcels without any work
 *   stolen  fresh bodies under the digest and work of another parcel
 *   repeat  one parcel, with its work, again and again
 *   enough  fresh parcels, each with just the work that is asked
 *
 * Each client is a process with a connection of its own from ADDRESS, which
 * posts as fast as it is answered, until the seconds are over or SIGTERM.
 * Then it prints what the answers were, "STATUS COUNT" a line; 0 stands for
 * no answer.  With "enough" the mob stops early when the answer is 503 and
 * MODE is "fill": it prints the same.
 */
#include <curl/curl.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/base.h"
#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/work.h"

#define STATUSES	600
#define CLIENTS_MAX	200
#define CHANGE_AT	(PARCEL_BYTES - 32)	/* inside the payload */

/* What all clients share. */
struct mob {
	_Atomic long count[STATUSES];
	_Atomic bool full;
};

struct member {
	struct mob *mob;
	const char *url, *cacert, *origin, *address, *mode;
	CURL *curl;
	unsigned char parcel[PARCEL_BYTES], digest[HASH_BYTES];
	uint64_t close, work;
	unsigned bits;
	char answer[4096];
	size_t n;
};

static struct mob *mob;
static pid_t client[CLIENTS_MAX];

static size_t
on_answer(char *p, size_t size, size_t n, void *arg)
{
	struct member *m = arg;

	n *= size;
	if (n > sizeof(m->answer) - 1 - m->n)
		return 0;
	memcpy(m->answer + m->n, p, n);
	m->n += n;
	m->answer[m->n] = '\0';
	return n;
}

/* The number behind "name": in the answer, or as it was. */
static uint64_t
number(const struct member *m, const char *name, uint64_t was)
{
	const char *at = strstr(m->answer, name);

	return at == NULL ? was : strtoull(at + strlen(name), NULL, 10);
}

/* The answer's status; 0: none. */
static long
perform(struct member *m)
{
	long status = 0;

	m->n = 0;
	m->answer[0] = '\0';
	if (curl_easy_perform(m->curl) == CURLE_OK)
		curl_easy_getinfo(m->curl, CURLINFO_RESPONSE_CODE, &status);
	return status < STATUSES ? status : 0;
}

static void
ask_policy(struct member *m)
{
	char url[512];

	snprintf(url, sizeof(url), "%s/policy", m->url);
	curl_easy_setopt(m->curl, CURLOPT_URL, url);
	curl_easy_setopt(m->curl, CURLOPT_HTTPGET, 1L);
	if (perform(m) != 200)
		return;
	m->close = number(m, "\"epoch_close\":", m->close);
	m->bits = (unsigned)number(m, "\"work_bits\":", m->bits);
}

static void
change_parcel(struct member *m)
{
	randombytes_buf(m->parcel + CHANGE_AT, 32);
}

static void
do_work(struct member *m)
{
	sha256(m->digest, m->parcel, PARCEL_BYTES);
	m->work = work_find(rd_str(m->origin), m->close, m->digest, m->bits);
}

static long
post(struct member *m, bool with_work)
{
	char url[512], hex[2 * HASH_BYTES + 1], line[128];
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	long status;

	if (with_work) {
		hex_encode(hex, m->digest, HASH_BYTES);
		hex[2 * HASH_BYTES] = '\0';
		snprintf(line, sizeof(line), "ECRDrop-Digest: %s", hex);
		list = curl_slist_append(list, line);
		snprintf(line, sizeof(line), "ECRDrop-Work: %016llx",
		    (unsigned long long)m->work);
		list = curl_slist_append(list, line);
	}
	snprintf(url, sizeof(url), "%s/parcels", m->url);
	curl_easy_setopt(m->curl, CURLOPT_URL, url);
	curl_easy_setopt(m->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(m->curl, CURLOPT_POSTFIELDS, m->parcel);
	curl_easy_setopt(m->curl, CURLOPT_POSTFIELDSIZE, (long)PARCEL_BYTES);
	curl_easy_setopt(m->curl, CURLOPT_HTTPHEADER, list);
	status = perform(m);
	curl_easy_setopt(m->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(list);
	return status;
}

/* One turn of this kind of client. */
static long
turn(struct member *m)
{
	bool again = strcmp(m->mode, "repeat") == 0;
	bool stolen = strcmp(m->mode, "stolen") == 0;
	long status;

	if (!again)
		change_parcel(m);
	if (strcmp(m->mode, "none") == 0)
		return post(m, false);
	if (!again && !stolen)
		do_work(m);
	status = post(m, true);
	if (status == 429) {
		/* An epoch has ended, or more is asked now. */
		ask_policy(m);
		if (again || stolen)
			do_work(m);
	}
	return status;
}

static void
run(struct member *m)
{
	const struct timespec rest = { .tv_nsec = 100000000 };
	long status;

	if (secret_init() == ERR_ORDER || parcel_cover(m->parcel) != 0 ||
	    (m->curl = curl_easy_init()) == NULL)
		_exit(71);
	curl_easy_setopt(m->curl, CURLOPT_CAINFO, m->cacert);
	curl_easy_setopt(m->curl, CURLOPT_INTERFACE, m->address);
	curl_easy_setopt(m->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(m->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(m->curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(m->curl, CURLOPT_WRITEDATA, m);
	ask_policy(m);
	do_work(m);
	while (!m->mob->full) {
		status = turn(m);
		m->mob->count[status]++;
		if (status == 503 && strcmp(m->mode, "fill") == 0)
			m->mob->full = true;
		else if (status == 503 || status == 0)
			nanosleep(&rest, NULL);
	}
	_exit(0);
}

static void
on_end(int sig)
{
	(void)sig;
	mob->full = true;		/* all stop after their turn */
}

int
main(int argc, char **argv)
{
	static struct member m;
	int clients, i;
	long left;

	if (argc != 8 || (clients = atoi(argv[5])) < 1 ||
	    clients > CLIENTS_MAX)
		return 64;
	mob = mmap(NULL, sizeof(*mob), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (mob == MAP_FAILED || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return 71;
	m.mob = mob;
	m.url = argv[1];
	m.cacert = argv[2];
	m.origin = argv[3];
	m.address = argv[4];
	m.mode = argv[7];
	signal(SIGPIPE, SIG_IGN);	/* a refusal closes while we send */
	signal(SIGTERM, on_end);
	signal(SIGALRM, on_end);
	for (i = 0; i < clients; i++)
		if ((client[i] = fork()) == 0) {
			signal(SIGTERM, SIG_DFL);
			run(&m);
		}
	alarm((unsigned)atoi(argv[6]));
	for (i = 0; i < clients; i++)
		while (client[i] > 0 && waitpid(client[i], NULL, 0) == -1)
			;
	for (i = 0; i < STATUSES; i++)
		if ((left = mob->count[i]) > 0)
			printf("%d %ld\n", i, left);
	return 0;
}
