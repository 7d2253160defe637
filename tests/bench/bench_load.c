/* SPDX-License-Identifier: ISC */
/*
 * bench_load.c - loads a server over TLS, and says what came of it.
 *
 * usage: bench_load [option]... WHAT PATH PORT
 *
 * WHAT    post (parcels with digest and work), put (the same bytes to names
 *         of their own below PATH), discard (the same bytes to PATH), get
 * -c N    connections at once (32)          -f    a connection a request
 * -r N    open loop: so many a second       -s N  seconds timed (2)
 * -w N    seconds before that (0.3)         -p P,P  processes to account for
 * -n N    requests prepared beforehand      -a N  source addresses of 127/8
 * -o ORIGIN -e CLOSE -b BITS -k VKEY        what work and receipts are for
 * -H HOW  only hold connections: idle, used (idle after one request), head
 *         (a byte of it a second), body (the same), stall (-z bytes of the
 *         body and no more); talks over standard input, see load_hold.c
 *
 * Prints one JSON object.  Work, digests and heads are made before the clock
 * runs and receipts are verified after it has stopped, so that its own time
 * for a request is little more than TLS; it is in the object.  Anything but
 * 2xx, a broken connection, an answer that never came and a receipt that
 * does not hold are counted as what they are, and the exit is 1.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "crypto/receipt.h"
#include "crypto/secret.h"
#include "tests/bench/load.h"

struct options {
	const char *origin, *vkey, *hold;
	uint64_t close;
	unsigned bits;
	uint32_t count;
	size_t stall;
	double limit;
};

static void
fail(const char *what)
{
	fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(71);
}

static void
usage(void)
{
	fputs("usage: bench_load [option]... post|put|discard|get PATH PORT\n",
	    stderr);
	exit(64);
}

static void
take_option(struct load *l, struct options *o, int c)
{
	switch (c) {
	case 'c': l->nlink = (uint32_t)atoi(optarg); break;
	case 'f': l->fresh = true; break;
	case 'r': l->rate = atof(optarg); break;
	case 's': l->secs = atof(optarg); break;
	case 'w': l->warm = atof(optarg); break;
	case 'n': o->count = (uint32_t)atoi(optarg); break;
	case 'a': l->w.sources = (uint32_t)atoi(optarg); break;
	case 'o': o->origin = optarg; break;
	case 'e': o->close = strtoull(optarg, NULL, 10); break;
	case 'b': o->bits = (unsigned)atoi(optarg); break;
	case 'k': o->vkey = optarg; break;
	case 'H': o->hold = optarg; break;
	case 'z': o->stall = strtoul(optarg, NULL, 10); break;
	case 'p':
		if (procs_parse(&l->procs, optarg))
			break;
		/* FALLTHROUGH */
	default: usage();
	}
}

static enum supply_kind
kind_named(const char *name)
{
	static const char *const names[] = { "get", "post", "put", "discard" };
	size_t i;

	for (i = 0; i < 4; i++)
		if (strcmp(names[i], name) == 0)
			return (enum supply_kind)i;
	usage();
	return SUPPLY_GET;
}

/* As many descriptors as there will be connections. */
static void
raise_files(uint32_t links)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) == -1)
		fail("getrlimit");
	if (r.rlim_cur >= links + 32)
		return;
	r.rlim_cur = links + 32;
	if (r.rlim_max < r.rlim_cur)
		r.rlim_max = r.rlim_cur;	/* root may */
	if (setrlimit(RLIMIT_NOFILE, &r) == -1)
		fail("not enough open files allowed");
}

/* Whom it talks to is known: a chain is not what it is here to check. */
static int
on_certificate(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1;
}

static void
set_up(struct load *l, const struct options *o, enum supply_kind kind,
    const char *path, const char *port)
{
	uint32_t n = o->count;

	l->w.to.sin_family = AF_INET;
	l->w.to.sin_port = htons((uint16_t)atoi(port));
	l->w.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (l->nlink == 0 || l->secs <= 0 || (kind == SUPPLY_POST &&
	    (o->origin == NULL || o->close == 0)))
		usage();
	if (n == 0)
		n = l->rate > 0 ? (uint32_t)(l->rate * (l->warm + l->secs)) +
		    64 : (uint32_t)(20000 * (l->warm + l->secs)) + l->nlink;
	if (kind != SUPPLY_POST && n > 65536 && kind != SUPPLY_PUT)
		n = 65536;		/* they may repeat */
	raise_files(l->nlink);
	if ((l->w.supply = supply_new(kind, n, path, o->origin, o->close,
	    o->bits)) == NULL ||
	    (l->link = calloc(l->nlink, sizeof(*l->link))) == NULL ||
	    (l->w.epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    (l->w.ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    SSL_CTX_set_min_proto_version(l->w.ctx, TLS1_3_VERSION) != 1)
		fail("start");
	SSL_CTX_set_cert_verify_callback(l->w.ctx, on_certificate, NULL);
	(void)SSL_CTX_set_session_cache_mode(l->w.ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(l->w.ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

/* After the clock has stopped: do the receipts hold? */
static void
verify(struct load *l, const char *vkey)
{
	const struct sample *s;
	struct receipt rc;
	struct vkey k;

	if (vkey == NULL)
		return;
	if (vkey_parse(&k, rd_str(vkey)) != 0) {
		fputs("bench_load: that is no verifier key\n", stderr);
		exit(65);
	}
	for (s = l->sample; s < l->sample + l->nsample; s++)
		if (receipt_open(&rc, rd_from(s->text, s->n), &k) != 0 ||
		    memcmp(rc.digest, l->w.supply->item[s->item].digest,
		    HASH_BYTES) != 0)
			l->bad_receipts++;
}

static void
report(const struct load *l)
{
	double n = l->answers > 0 ? (double)l->answers : 1;
	const char *comma = "";
	int s;

	printf("{\"requests\":%llu,\"seconds\":%.3f,\"rate\":%.1f,"
	    "\"mean_us\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
	    "\"p999_us\":%.1f,\"max_us\":%.1f,",
	    (unsigned long long)l->answers, l->secs,
	    (double)l->answers / l->secs, (double)l->hist.sum / n / 1e3,
	    (double)hist_at(&l->hist, 0.5) / 1e3,
	    (double)hist_at(&l->hist, 0.99) / 1e3,
	    (double)hist_at(&l->hist, 0.999) / 1e3,
	    (double)l->hist.max / 1e3);
	printf("\"client_cpu_us\":%.1f,\"server_cpu_us\":%.1f,"
	    "\"errors\":%llu,\"unanswered\":%llu,\"reopened\":%llu,"
	    "\"receipts\":%u,\"bad_receipts\":%llu,\"status\":{",
	    (double)l->own_cpu / n / 1e3, (double)l->server_cpu / n / 1e3,
	    (unsigned long long)l->errors, (unsigned long long)l->late,
	    (unsigned long long)l->reopened, l->nsample,
	    (unsigned long long)l->bad_receipts);
	for (s = 0; s < LOAD_STATUSES; s++)
		if (l->status[s] > 0) {
			printf("%s\"%d\":%llu", comma, s,
			    (unsigned long long)l->status[s]);
			comma = ",";
		}
	puts("}}");
}

int
main(int argc, char **argv)
{
	static struct load l = { .nlink = 32, .secs = 2, .warm = 0.3 };
	struct options o = { .stall = 60000 };
	int c;

	while ((c = getopt(argc, argv, "c:fr:s:w:p:n:a:o:e:b:k:H:z:")) != -1)
		take_option(&l, &o, c);
	if (argc - optind != 3 || secret_init() == ERR_ORDER)
		usage();
	(void)signal(SIGPIPE, SIG_IGN);
	set_up(&l, &o, kind_named(argv[optind]), argv[optind + 1],
	    argv[optind + 2]);
	if (o.hold != NULL)
		return load_hold(&l, o.hold, o.stall) ? 0 : 1;
	load_run(&l);
	verify(&l, o.vkey);
	report(&l);
	return l.errors + l.late + l.bad_receipts > 0 || l.answers == 0;
}
