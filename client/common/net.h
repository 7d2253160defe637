/* SPDX-License-Identifier: ISC */
/*
 * net.h - HTTP for the clients, by libcurl, with nothing that tells one
 * client from another.
 *
 * Environment proxies are ignored, only socks5h:// on a loopback address is
 * a proxy, every run draws a fresh SOCKS user name (its own Tor circuit),
 * the User-Agent is fixed, there is no Expect, no cookie, no redirect, no
 * referer; https only, but for plain http to a loopback address.
 */
#ifndef ECR_NET_H
#define ECR_NET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/rd.h"

#define NET_URL_MAX	1024

struct net;

/*
 * net_new - for one server.
 * url     scheme://host[:port], with or without a final slash
 * cacert  a PEM file that replaces the system's authorities, or NULL
 * proxy   socks5h://127.0.0.1:9050 or NULL; both outlive the net
 * Errors: ERR_FORMAT: *why, a static string, says what is wrong with url or
 *         proxy; ERR_NOMEM.
 */
MUST_USE int net_new(struct net **out, const char *url, const char *cacert,
    const char *proxy, const char **why);
void net_free(struct net *n);
/*
 * net_hang_up - end the connection now: how long it stands shall not show how
 * long somebody reads or types.  The next call makes another, by another
 * circuit where there is a proxy.
 */
void net_hang_up(struct net *n);

struct net_answer {
	long status;			/* 0: no answer came */
	unsigned char *body;		/* owned by the net, until next call */
	size_t n;
	unsigned retry_after;		/* seconds; 0: not said */
	bool sent;			/* no answer, but all had gone out */
};

/*
 * net_get - at most max bytes of an answer's body.
 * path begins with '/'.  token: a bearer token or NULL.
 * Errors: ERR_IO (no answer: net_why() has words for it), ERR_AUTH (the
 *         certificate is not trusted), ERR_LIMIT (longer than max),
 *         ERR_NOMEM.  Any HTTP status is a success here; of the page around
 *         one that refuses (not 2xx), what is over max is left out.
 */
MUST_USE int net_get(struct net *n, const char *path, const char *token,
    size_t max, struct net_answer *a);

/* The last answer's body, now the caller's to free(); NULL where empty. */
unsigned char *net_take(struct net *n);

/* net_post - headers: "Name: value" strings, NULL at the end, or NULL. */
MUST_USE int net_post(struct net *n, const char *path,
    const char *const *headers, struct rd body, size_t max,
    struct net_answer *a);

/* A call under way ends with ERR_IO soon after *stop is set, by a signal say. */
void net_watch(struct net *n, const volatile sig_atomic_t *stop);
/*
 * A large answer shows how far it has come on a line with this label, which
 * outlives n.
 */
void net_show(struct net *n, const char *label);
/* Is it set? */
bool net_stopped(const struct net *n);

/* Why the last call had no answer; plain words, no address in them. */
const char *net_why(const struct net *n);

#endif
