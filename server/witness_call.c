/* SPDX-License-Identifier: ISC */
/*
 * witness_call.c - one round of calls to the witnesses, by libcurl.
 *
 * A process of its own for each round, which ends with it.  It calls nobody
 * but the URLs of the configuration, follows nothing, and passes on what was
 * answered without a look at it: the store alone judges.  Every call has a
 * deadline and a cap of its own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define CURL_DISABLE_TYPECHECK	/* it knows the library's own names only */
#include <curl/curl.h>

#include "server/log.h"
#include "server/role.h"
#include "server/sandbox.h"
#include "server/witness.h"

#define CA_FILE		"/etc/ssl/certs/ca-certificates.crt"
#define CA_MAX		(8u << 20)
#define AGENT		"ecrdropd"
#define LIBRARY		"libcurl.so.4"
#define CONNECT_SECS	10L
#define RETRY_MAX	86400
#define LIFE_SECS	60u		/* longer than any of its calls */

/*
 * libcurl and what it needs is loaded here, in the one process that calls: a
 * front or the store has none of it in its memory.
 */
static struct lib {
	CURLcode (*global_init)(long);
	CURL *(*easy_init)(void);
	CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
	CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
	struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_add_handle)(CURLM *, CURL *);
	CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
	CURLMsg *(*multi_info_read)(CURLM *, int *);
	CURLMcode (*multi_perform)(CURLM *, int *);
	CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd[], unsigned, int,
	    int *);
} lib;

#define NEEDED(name)	{ "curl_" #name, offsetof(struct lib, name) }

static const struct {
	const char *name;
	size_t at;
} needed[] = {
	NEEDED(global_init), NEEDED(easy_init), NEEDED(easy_setopt),
	NEEDED(easy_getinfo), NEEDED(slist_append), NEEDED(multi_init),
	NEEDED(multi_add_handle), NEEDED(multi_remove_handle),
	NEEDED(multi_info_read), NEEDED(multi_perform), NEEDED(multi_poll),
};

struct call {
	CURL *curl;
	const struct conf_witness *who;
	bool busy;
	size_t n;			/* of the answer's body */
	unsigned char body[WITNESS_ANSWER_MAX];
};

struct caller {
	const struct conf *conf;
	int end;
	CURLM *multi;
	struct curl_slist *headers;
	struct curl_blob ca;
	struct call call[WITNESS_MAX];
};

/* --- one call ------------------------------------------------------------ */

static size_t
on_body(char *p, size_t size, size_t count, void *arg)
{
	struct call *c = arg;
	size_t n = size * count;

	if (n > sizeof(c->body) - c->n)
		return 0;		/* more than any answer has: given up */
	memcpy(c->body + c->n, p, n);
	c->n += n;
	return n;
}

static bool
set_long(CURL *c, CURLoption what, long v)
{
	return lib.easy_setopt(c, what, v) == CURLE_OK;
}

/* What holds for every call of this witness. */
static bool
prepare(struct caller *x, struct call *c)
{
	char url[CONF_URL_MAX + 32];
	struct wr w = wr_from(url, sizeof(url));

	wr_str(&w, c->who->url);
	wr_str(&w, "/add-checkpoint");
	if (!wr_cstr(&w) || (c->curl = lib.easy_init()) == NULL)
		return false;
	if (x->ca.len > 0 && (lib.easy_setopt(c->curl, CURLOPT_CAINFO_BLOB,
	    &x->ca) != CURLE_OK ||
	    lib.easy_setopt(c->curl, CURLOPT_CAPATH, NULL) != CURLE_OK))
		return false;
	return lib.easy_setopt(c->curl, CURLOPT_URL, url) == CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_HTTPHEADER, x->headers) ==
	    CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_USERAGENT, AGENT) == CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "https,http") ==
	    CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_PRIVATE, c) == CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body) ==
	    CURLE_OK &&
	    lib.easy_setopt(c->curl, CURLOPT_WRITEDATA, c) == CURLE_OK &&
	    set_long(c->curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
	    set_long(c->curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
	    set_long(c->curl, CURLOPT_FOLLOWLOCATION, 0) &&
	    set_long(c->curl, CURLOPT_NETRC, CURL_NETRC_IGNORED) &&
	    set_long(c->curl, CURLOPT_NOSIGNAL, 1) &&
	    set_long(c->curl, CURLOPT_QUICK_EXIT, 1) &&
	    set_long(c->curl, CURLOPT_POST, 1) &&
	    set_long(c->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECS);
}

/* Not 1xx, and in three digits. */
static uint16_t
status_of(CURL *curl)
{
	long status = 0;

	if (lib.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) !=
	    CURLE_OK || status < 200 || status > 999)
		return 0;
	return (uint16_t)status;
}

static bool
is_size(CURL *curl)
{
	static const char want[] = "text/x.tlog.size";
	char *type = NULL;

	return lib.easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) ==
	    CURLE_OK && type != NULL &&
	    strncmp(type, want, sizeof(want) - 1) == 0 &&
	    (type[sizeof(want) - 1] == '\0' || type[sizeof(want) - 1] == ';');
}

/* To the store; it is gone: so are we. */
static void
tell(struct caller *x, const struct call *c, CURLcode code)
{
	static unsigned char buf[WITNESS_WIRE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct witness_answer a = { .status = 0 };
	curl_off_t after = 0;

	memcpy(a.pk, c->who->key.pk, sizeof(a.pk));
	if (code == CURLE_OK && (a.status = status_of(c->curl)) != 0) {
		a.is_size = is_size(c->curl);
		(void)lib.easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &after);
		a.retry_after = after < 0 || after > RETRY_MAX ? RETRY_MAX :
		    (uint32_t)after;
		a.body = rd_from(c->body, c->n);
	}
	witness_write_answer(&w, &a);
	if (!wr_ok(&w) ||
	    send(x->end, w.p, w.n, MSG_NOSIGNAL) != (ssize_t)w.n)
		_exit(EX_IOERR);
}

/* --- the round ----------------------------------------------------------- */

/* False: this is no question for us, or one that is being asked. */
static bool
obey(struct caller *x, struct rd datagram)
{
	struct witness_ask a;
	struct call *c = NULL;
	size_t i;

	if (witness_parse_ask(&a, datagram) != 0)
		return false;
	for (i = 0; i < x->conf->nwitness && c == NULL; i++)
		if (memcmp(x->call[i].who->key.pk, a.pk, sizeof(a.pk)) == 0)
			c = &x->call[i];
	if (c == NULL || c->busy)
		return false;
	c->n = 0;
	c->busy = true;
	if (!set_long(c->curl, CURLOPT_TIMEOUT, a.seconds) ||
	    lib.easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)a.body.n) != CURLE_OK ||
	    lib.easy_setopt(c->curl, CURLOPT_COPYPOSTFIELDS, a.body.p) !=
	    CURLE_OK || lib.multi_add_handle(x->multi, c->curl) != CURLM_OK)
		return false;
	return true;
}

/* All that the store has sent; -1: it has ended, or is not the store. */
static int
hear(struct caller *x)
{
	static unsigned char buf[WITNESS_WIRE_MAX + 1];
	ssize_t n;

	for (;;) {
		n = recv(x->end, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (n <= 0 || (size_t)n > sizeof(buf) ||
		    !obey(x, rd_from(buf, (size_t)n)))
			return -1;
	}
}

static void
collect(struct caller *x)
{
	const CURLMsg *m;
	char *mine;
	struct call *c;
	CURLcode code;
	int left;

	while ((m = lib.multi_info_read(x->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		code = m->data.result;
		mine = NULL;
		(void)lib.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
		    &mine);
		c = (struct call *)(void *)mine;
		(void)lib.multi_remove_handle(x->multi, c->curl);
		c->busy = false;
		tell(x, c, code);
	}
}

/* Comes back when the store has enough. */
static int
serve(struct caller *x)
{
	struct curl_waitfd w = { .fd = x->end, .events = CURL_WAIT_POLLIN };
	int running;

	for (;;) {
		if (hear(x) != 0)
			return EX_OK;
		if (lib.multi_perform(x->multi, &running) != CURLM_OK)
			return EX_SOFTWARE;
		collect(x);
		w.revents = 0;
		if (lib.multi_poll(x->multi, &w, 1, 1000, NULL) != CURLM_OK)
			return EX_SOFTWARE;
	}
}

/* --- start --------------------------------------------------------------- */

/*
 * The authorities, whole and before the cage.  Without them no call that
 * needs one succeeds, and the store hears of that.
 */
static void
read_ca(struct caller *x)
{
	const char *path = x->conf->witness_cacert[0] != '\0' ?
	    x->conf->witness_cacert : CA_FILE;
	unsigned char *p = malloc(CA_MAX);
	size_t n = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	while (p != NULL && fd != -1 && n < CA_MAX &&
	    ((got = read(fd, p + n, CA_MAX - n)) > 0 ||
	    (got == -1 && errno == EINTR)))
		n += got > 0 ? (size_t)got : 0;
	if (fd != -1)
		(void)close(fd);	/* only read */
	if (p == NULL || n == 0)
		diag("witness: %s: %s", path, strerror(errno));
	/* Never the library's own choice: one byte that is no certificate. */
	x->ca.data = p != NULL && n > 0 ? (void *)p : (void *)&x->end;
	x->ca.len = p != NULL && n > 0 ? n : 1;
	x->ca.flags = CURL_BLOB_NOCOPY;
}

static bool
load_library(void)
{
	void *file = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL), *p;
	size_t i;

	for (i = 0; file != NULL &&
	    i < sizeof(needed) / sizeof(needed[0]); i++) {
		if ((p = dlsym(file, needed[i].name)) == NULL)
			return false;
		memcpy((unsigned char *)&lib + needed[i].at, &p, sizeof(p));
	}
	return file != NULL;
}

static bool
open_all(struct caller *x)
{
	size_t i;

	if (!load_library() || lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (x->multi = lib.multi_init()) == NULL ||
	    (x->headers = lib.slist_append(NULL, "Expect:")) == NULL ||
	    lib.slist_append(x->headers,
	    "Content-Type: text/plain; charset=utf-8") == NULL)
		return false;
	read_ca(x);
	for (i = 0; i < x->conf->nwitness; i++) {
		x->call[i].who = &x->conf->witness[i];
		if (!prepare(x, &x->call[i]))
			return false;
	}
	return true;
}

/* see role.h */
int
witness_call(const struct conf *c, int end)
{
	static struct caller x;

	(void)prctl(PR_SET_NAME, "ecrdrop-witness", 0, 0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    signal(SIGALRM, SIG_DFL) == SIG_ERR)
		return EX_OSERR;
	(void)alarm((unsigned)c->witness_seconds + LIFE_SECS);
	x.conf = c;
	x.end = end;
	if (!open_all(&x)) {
		diag("witness: libcurl cannot start");
		return EX_OSERR;
	}
	if (sandbox_enter(SANDBOX_WITNESS, -1, -1) != 0)
		return EX_OSERR;
	return serve(&x);
}
