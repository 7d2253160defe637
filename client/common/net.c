/* SPDX-License-Identifier: ISC */
/*
 * net.c - HTTP for the clients, by libcurl.
 *
 * Every option that could tell one client from another, or reach out to
 * anywhere but the one server, is set here once, in net_settings().
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sodium.h>

#include "client/common/net.h"
#include "client/common/say.h"
#include "crypto/base.h"

#define NET_AGENT	"ecrdrop"
#define CONNECT_SECS	60L
#define STALL_SECS	60L	/* under STALL_BYTES a second so long: over */
#define STALL_BYTES	64L
#define SHOW_BYTES	(256 * 1024)	/* a progress line at every so many */

struct net {
	CURL *curl;			/* NULL: none now */
	const char *cacert, *proxy;	/* or NULL */
	char base[NET_URL_MAX];		/* without the final slash */
	char why[CURL_ERROR_SIZE + 64];
	unsigned char *body;
	size_t n, cap, max;
	int err;			/* of the write callback */
	bool cut;			/* by it: the end of an error's page */
	const volatile sig_atomic_t *stop;
	const char *label;		/* of a progress line; NULL: none */
	curl_off_t shown;		/* bytes that it told of */
};

/* What stands between "://" and the port, brackets kept. */
static bool
split_url(struct rd url, struct rd *scheme, struct rd *host, struct rd *port)
{
	struct rd t = url;
	size_t i;

	if (!rd_until(&t, ':', scheme) || !rd_lit(&t, "//") || t.n == 0)
		return false;
	if (t.p[t.n - 1] == '/')
		t.n--;
	for (i = 0; i < t.n; i++)
		if (t.p[i] <= 0x20 || t.p[i] >= 0x7f ||
		    strchr("/?#@\\%", t.p[i]) != NULL)
			return false;
	*host = t;
	*port = rd_from(t.p, 0);
	for (i = t.n; i-- > 0 && t.p[i] != ']';)
		if (t.p[i] == ':') {
			*host = rd_from(t.p, i);
			*port = rd_from(t.p + i + 1, t.n - i - 1);
			break;
		}
	return host->n > 0;
}

static bool
port_ok(struct rd port, bool required)
{
	uint64_t v;

	if (port.n == 0)
		return !required;
	return rd_dec(port, 65535, &v) && v > 0;
}

static bool
is_loopback(struct rd host)
{
	char name[64];
	struct in_addr a;

	if (rd_eq_str(host, "localhost") || rd_eq_str(host, "[::1]"))
		return true;
	if (host.n >= sizeof(name))
		return false;
	memcpy(name, host.p, host.n);
	name[host.n] = '\0';
	return inet_pton(AF_INET, name, &a) == 1 &&
	    (ntohl(a.s_addr) >> 24) == 127;
}

static bool
is_onion(struct rd host)
{
	return host.n > 6 &&
	    rd_eq_str(rd_from(host.p + host.n - 6, 6), ".onion");
}

static const char *
check_url(const char *url, bool proxied)
{
	struct rd scheme, host, port;

	if (strlen(url) >= NET_URL_MAX ||
	    !split_url(rd_str(url), &scheme, &host, &port) ||
	    !port_ok(port, false))
		return "the server's address must look like "
		    "https://drop.example or https://drop.example:8443";
	if (is_onion(host) && !proxied)
		return "an .onion address needs --proxy socks5h://127.0.0.1:9050";
	if (rd_eq_str(scheme, "https"))
		return NULL;
	if (rd_eq_str(scheme, "http") && (is_loopback(host) || is_onion(host)))
		return NULL;
	return "only https is spoken (plain http to a loopback or .onion "
	    "address alone)";
}

static const char *
check_proxy(const char *proxy)
{
	struct rd scheme, host, port;

	if (!split_url(rd_str(proxy), &scheme, &host, &port) ||
	    !port_ok(port, true))
		return "the proxy must look like socks5h://127.0.0.1:9050";
	if (!rd_eq_str(scheme, "socks5h"))
		return "only socks5h:// is a proxy here: any other kind would "
		    "look the server's name up outside of it";
	if (!is_loopback(host))
		return "the proxy must be on this machine (a loopback address)";
	return NULL;
}

/* Words around a refusal: the status says what matters. */
static bool
is_refusal(struct net *n)
{
	long status = 0;

	(void)curl_easy_getinfo(n->curl, CURLINFO_RESPONSE_CODE, &status);
	return status < 200 || status > 299;
}

static size_t
on_body(char *p, size_t size, size_t count, void *arg)
{
	struct net *n = arg;
	size_t len = size * count, want;
	unsigned char *bigger;

	if (len > n->max - n->n) {
		n->err = ERR_LIMIT;
		n->cut = is_refusal(n);
		return 0;
	}
	if (n->n + len + 1 > n->cap) {
		want = (n->n + len + 1) * 2;
		if (want > n->max + 1)
			want = n->max + 1;
		if ((bigger = realloc(n->body, want)) == NULL) {
			n->err = ERR_NOMEM;
			return 0;
		}
		n->body = bigger;
		n->cap = want;
	}
	memcpy(n->body + n->n, p, len);
	n->n += len;
	n->body[n->n] = '\0';
	return len;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow,
    curl_off_t ultotal, curl_off_t ulnow)
{
	struct net *n = arg;

	(void)ultotal;
	(void)ulnow;
	if (n->label != NULL && dlnow >= n->shown + SHOW_BYTES) {
		say_progress(n->label, (unsigned long long)dlnow,
		    (unsigned long long)dltotal);
		n->shown = dlnow;
	}
	return net_stopped(n);
}

/* A user name of this run alone: Tor gives it a circuit of its own. */
static bool
set_proxy(CURL *c, const char *proxy)
{
	unsigned char salt[16];
	char user[33];

	if (proxy == NULL)
		return curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK;
	randombytes_buf(salt, sizeof(salt));
	hex_encode(user, salt, sizeof(salt));
	user[32] = '\0';
	return curl_easy_setopt(c, CURLOPT_PROXY, proxy) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROXYUSERNAME, user) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROXYPASSWORD, "x") == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_SOCKS5_AUTH,
	    (long)CURLAUTH_BASIC) == CURLE_OK;
}

static bool
set_long(CURL *c, CURLoption what, long v)
{
	return curl_easy_setopt(c, what, v) == CURLE_OK;
}

static bool
net_settings(struct net *n)
{
	CURL *c = n->curl;

	if (n->cacert != NULL &&
	    (curl_easy_setopt(c, CURLOPT_CAINFO, n->cacert) != CURLE_OK ||
	    curl_easy_setopt(c, CURLOPT_CAPATH, NULL) != CURLE_OK))
		return false;
	return set_proxy(c, n->proxy) &&
	    curl_easy_setopt(c, CURLOPT_NOPROXY, "") == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, NET_AGENT) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http") ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, n->why) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, n) == CURLE_OK &&
	    set_long(c, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
	    set_long(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3) &&
	    set_long(c, CURLOPT_SSL_SESSIONID_CACHE, 0) &&
	    set_long(c, CURLOPT_FOLLOWLOCATION, 0) &&
	    set_long(c, CURLOPT_NETRC, CURL_NETRC_IGNORED) &&
	    set_long(c, CURLOPT_NOSIGNAL, 1) &&
	    set_long(c, CURLOPT_NOPROGRESS, 0) &&
	    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) ==
	    CURLE_OK &&
	    curl_easy_setopt(c, CURLOPT_XFERINFODATA, n) == CURLE_OK &&
	    set_long(c, CURLOPT_CONNECTTIMEOUT, CONNECT_SECS) &&
	    set_long(c, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES) &&
	    set_long(c, CURLOPT_LOW_SPEED_TIME, STALL_SECS);
}

/* A handle, unless there is one. */
static bool
net_ready(struct net *n)
{
	if (n->curl != NULL)
		return true;
	if ((n->curl = curl_easy_init()) == NULL)
		return false;
	if (net_settings(n))
		return true;
	net_hang_up(n);
	return false;
}

/* see net.h */
void
net_hang_up(struct net *n)
{
	curl_easy_cleanup(n->curl);
	n->curl = NULL;
}

/*
 * What the environment may say to the libraries: write the session's keys to
 * a file, load a provider.  None of it is heard.
 */
static void
forget_environment(void)
{
	static const char *const name[] = { "SSLKEYLOGFILE", "OPENSSL_CONF",
	    "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_FILE",
	    "SSL_CERT_DIR", "CURL_CA_BUNDLE" };
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		(void)unsetenv(name[i]);	/* absent is as good */
}

/* see net.h */
int
net_new(struct net **out, const char *url, const char *cacert,
    const char *proxy, const char **why)
{
	struct net *n = NULL;
	size_t len = strlen(url);
	int r = ERR_NOMEM;

	*out = NULL;
	if ((proxy != NULL && (*why = check_proxy(proxy)) != NULL) ||
	    (*why = check_url(url, proxy != NULL)) != NULL)
		return ERR_FORMAT;
	*why = "out of memory";
	forget_environment();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (n = calloc(1, sizeof(*n))) == NULL)
		goto out;
	memcpy(n->base, url, len);
	if (n->base[len - 1] == '/')
		n->base[len - 1] = '\0';
	n->cacert = cacert;
	n->proxy = proxy;
	if (!net_ready(n))
		goto out;
	*out = n;
	n = NULL;
	r = 0;
out:
	net_free(n);
	return r;
}

/* see net.h */
void
net_free(struct net *n)
{
	if (n == NULL)
		return;
	curl_easy_cleanup(n->curl);
	free(n->body);
	free(n);
}

static void
explain(struct net *n, CURLcode code)
{
	const char *words;

	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		words = "the server's certificate is not trusted";
		break;
	case CURLE_SSL_CACERT_BADFILE:
		words = "the file of --cacert cannot be read";
		break;
	case CURLE_COULDNT_RESOLVE_HOST:
		words = "the server's name is not known";
		break;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		words = "the proxy does not answer as it should";
		break;
	case CURLE_COULDNT_CONNECT:
		words = "no connection";
		break;
	case CURLE_ABORTED_BY_CALLBACK:
		words = "stopped";
		break;
	case CURLE_OPERATION_TIMEDOUT:
		words = "no answer in time";
		break;
	default:
		words = curl_easy_strerror(code);
		break;
	}
	snprintf(n->why, sizeof(n->why), "%s", words);
}

static struct curl_slist *
add(struct curl_slist *list, const char *line, bool *ok)
{
	struct curl_slist *more = curl_slist_append(list, line);

	if (more == NULL)
		*ok = false;
	return more == NULL ? list : more;
}

static int
perform(struct net *n, const char *path, struct curl_slist *headers,
    size_t max, struct net_answer *a)
{
	char url[NET_URL_MAX + 512];
	curl_off_t after = 0;
	CURLcode code;

	memset(a, 0, sizeof(*a));
	if (path[0] != '/' || (size_t)snprintf(url, sizeof(url), "%s%s",
	    n->base, path) >= sizeof(url))
		return ERR_FORMAT;
	n->n = 0;
	n->max = max;
	n->err = ERR_IO;
	n->cut = false;
	n->shown = 0;
	n->why[0] = '\0';
	if (curl_easy_setopt(n->curl, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(n->curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
		return ERR_NOMEM;
	code = curl_easy_perform(n->curl);
	if (n->shown > 0)
		say_progress_end();
	(void)curl_easy_setopt(n->curl, CURLOPT_HTTPHEADER, NULL);
	if (code != CURLE_OK && !n->cut) {
		explain(n, code);
		return code == CURLE_PEER_FAILED_VERIFICATION ? ERR_AUTH :
		    n->err;
	}
	(void)curl_easy_getinfo(n->curl, CURLINFO_RESPONSE_CODE, &a->status);
	(void)curl_easy_getinfo(n->curl, CURLINFO_RETRY_AFTER, &after);
	a->retry_after = after < 0 || after > 86400 ? 86400 : (unsigned)after;
	a->body = n->body;
	a->n = n->n;
	return 0;
}

/* A token may be in them. */
static void
drop_headers(struct curl_slist *list)
{
	const struct curl_slist *p;

	for (p = list; p != NULL; p = p->next)
		sodium_memzero(p->data, strlen(p->data));
	curl_slist_free_all(list);
}

/* see net.h */
int
net_get(struct net *n, const char *path, const char *token, size_t max,
    struct net_answer *a)
{
	struct curl_slist *headers = NULL;
	char line[512];
	bool ok = true;
	int r;

	if (token != NULL) {
		if ((size_t)snprintf(line, sizeof(line),
		    "Authorization: Bearer %s", token) >= sizeof(line))
			return ERR_FORMAT;
		headers = add(headers, line, &ok);
		sodium_memzero(line, sizeof(line));
	}
	r = !ok || !net_ready(n) || !set_long(n->curl, CURLOPT_HTTPGET, 1) ?
	    ERR_NOMEM : perform(n, path, headers, max, a);
	drop_headers(headers);
	return r;
}

/* see net.h */
int
net_post(struct net *n, const char *path, const char *const *headers,
    struct rd body, size_t max, struct net_answer *a)
{
	struct curl_slist *list = NULL;
	curl_off_t up = 0;
	bool ok = true;
	int r = ERR_NOMEM;

	list = add(list, "Expect:", &ok);
	list = add(list, "Content-Type: application/octet-stream", &ok);
	for (; headers != NULL && *headers != NULL; headers++)
		list = add(list, *headers, &ok);
	if (!ok || !net_ready(n) || !set_long(n->curl, CURLOPT_POST, 1) ||
	    curl_easy_setopt(n->curl, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)body.n) != CURLE_OK ||
	    curl_easy_setopt(n->curl, CURLOPT_POSTFIELDS, body.p) != CURLE_OK)
		goto out;
	r = perform(n, path, list, max, a);
	(void)curl_easy_getinfo(n->curl, CURLINFO_SIZE_UPLOAD_T, &up);
	a->sent = r != 0 && up > 0 && (size_t)up >= body.n;
	(void)curl_easy_setopt(n->curl, CURLOPT_POSTFIELDS, NULL);
out:
	drop_headers(list);
	return r;
}

/* see net.h */
unsigned char *
net_take(struct net *n)
{
	unsigned char *p = n->body;

	n->body = NULL;
	n->n = n->cap = 0;
	return p;
}

/* see net.h */
void
net_watch(struct net *n, const volatile sig_atomic_t *stop)
{
	n->stop = stop;
}

/* see net.h */
void
net_show(struct net *n, const char *label)
{
	n->label = label;
}

/* see net.h */
bool
net_stopped(const struct net *n)
{
	return n->stop != NULL && *n->stop != 0;
}

/* see net.h */
const char *
net_why(const struct net *n)
{
	return n->why[0] == '\0' ? "no answer" : n->why;
}
