/* SPDX-License-Identifier: ISC */
/*
 * tlogpolicy.c - read, write and apply the policy of a log's verifiers.
 *
 * Invariant: the members of group g are witnesses and groups below g, and no
 * bit stands in two groups; so one pass in order of definition evaluates all.
 */
#include <string.h>

#include "crypto/tlogpolicy.h"

#define GROUP_BIT(i)	(UINT64_C(1) << (TLOGPOLICY_WITNESSES + (i)))
#define WITNESS_BIT(i)	(UINT64_C(1) << (i))

/* --- words ------------------------------------------------------------- */

/* The next word of a line, between spaces and tabs; false at its end. */
static bool
word(struct rd *line, struct rd *w)
{
	struct rd t;
	size_t i = 0;

	while (i < line->n && (line->p[i] == ' ' || line->p[i] == '\t'))
		i++;
	if (!rd_take(line, &t, i))
		return false;
	for (i = 0; i < line->n && line->p[i] != ' ' && line->p[i] != '\t';)
		i++;
	return i > 0 && rd_take(line, w, i);
}

static bool
line_end(struct rd *line)
{
	struct rd w;

	return !word(line, &w);
}

/* An optional last word. */
static bool
take_url(struct rd *line, struct rd *url)
{
	if (!word(line, url))
		*url = rd_from(NULL, 0);
	return line_end(line);
}

/* Tab, LF, and all but the control characters of ASCII. */
static bool
bytes_ok(struct rd text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (text.p[i] == 0x7f || (text.p[i] < 0x20 &&
		    text.p[i] != '\t' && text.p[i] != '\n'))
			return false;
	return true;
}

/* --- names ------------------------------------------------------------- */

/* The bit of a name, 0 if it is not defined. */
static uint64_t
find(const struct tlogpolicy *p, struct rd name)
{
	size_t i;

	for (i = 0; i < p->nwitnesses; i++)
		if (rd_eq(p->witness_name[i], name))
			return WITNESS_BIT(i);
	for (i = 0; i < p->ngroups; i++)
		if (rd_eq(p->group[i].name, name))
			return GROUP_BIT(i);
	return 0;
}

static bool
is_new(const struct tlogpolicy *p, struct rd name)
{
	return !rd_eq_str(name, "none") && find(p, name) == 0;
}

/* Two vkeys are one key if the public key is one. */
static bool
has_key(const struct vkey *list, size_t n, const struct vkey *k)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (memcmp(list[i].pk, k->pk, sizeof(k->pk)) == 0)
			return true;
	return false;
}

/* --- lines ------------------------------------------------------------- */

static int
on_log(struct tlogpolicy *p, struct rd *line)
{
	struct vkey k;
	struct rd w;

	if (!word(line, &w) || vkey_parse(&k, w) != 0 ||
	    k.type != NOTE_ED25519 || has_key(p->log, p->nlogs, &k))
		return ERR_FORMAT;
	if (p->nlogs == TLOGPOLICY_LOGS)
		return ERR_LIMIT;
	if (!take_url(line, &p->log_url[p->nlogs]))
		return ERR_FORMAT;
	p->log[p->nlogs++] = k;
	return 0;
}

static int
on_witness(struct tlogpolicy *p, struct rd *line)
{
	struct rd name, w;
	struct vkey k;

	if (!word(line, &name) || !is_new(p, name) || !word(line, &w) ||
	    vkey_parse(&k, w) != 0 || k.type != NOTE_COSIG ||
	    has_key(p->witness, p->nwitnesses, &k))
		return ERR_FORMAT;
	if (p->nwitnesses == TLOGPOLICY_WITNESSES)
		return ERR_LIMIT;
	if (!take_url(line, &p->witness_url[p->nwitnesses]))
		return ERR_FORMAT;
	p->witness_name[p->nwitnesses] = name;
	p->witness[p->nwitnesses++] = k;
	return 0;
}

static uint64_t
grouped(const struct tlogpolicy *p)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		all |= p->group[i].members;
	return all;
}

static bool
threshold(struct rd w, unsigned members, unsigned *need)
{
	uint64_t k;

	if (rd_eq_str(w, "any"))
		k = 1;
	else if (rd_eq_str(w, "all"))
		k = members;
	else if (!rd_dec(w, members, &k))
		return false;
	*need = (unsigned)k;
	return k > 0 && k <= members;
}

static int
on_group(struct tlogpolicy *p, struct rd *line)
{
	struct tlogpolicy_group g = { .members = 0 };
	uint64_t bit, taken = grouped(p);
	struct rd need, w;
	unsigned n;

	if (!word(line, &g.name) || !is_new(p, g.name) || !word(line, &need))
		return ERR_FORMAT;
	for (n = 0; word(line, &w); n++) {
		bit = find(p, w);
		if (bit == 0 || ((taken | g.members) & bit) != 0)
			return ERR_FORMAT;
		g.members |= bit;
	}
	if (!threshold(need, n, &g.need))
		return ERR_FORMAT;
	if (p->ngroups == TLOGPOLICY_GROUPS)
		return ERR_LIMIT;
	p->group[p->ngroups++] = g;
	return 0;
}

static int
on_quorum(struct tlogpolicy *p, struct rd *line, bool *seen)
{
	struct rd name;

	if (*seen || !word(line, &name) || !line_end(line))
		return ERR_FORMAT;
	*seen = true;
	if (rd_eq_str(name, "none"))
		return 0;
	p->quorum = find(p, name);
	return p->quorum != 0 ? 0 : ERR_FORMAT;
}

static int
on_line(struct tlogpolicy *p, struct rd line, bool *quorum)
{
	struct rd w;

	if (!word(&line, &w) || w.p[0] == '#')
		return 0;
	if (rd_eq_str(w, "log"))
		return on_log(p, &line);
	if (rd_eq_str(w, "witness"))
		return on_witness(p, &line);
	if (rd_eq_str(w, "group"))
		return on_group(p, &line);
	if (rd_eq_str(w, "quorum"))
		return on_quorum(p, &line, quorum);
	return ERR_FORMAT;
}

/* see tlogpolicy.h */
int
tlogpolicy_parse(struct tlogpolicy *p, struct rd text, unsigned *line)
{
	bool quorum = false;
	struct rd l;
	int r;

	memset(p, 0, sizeof(*p));
	*line = 0;
	if (text.n > TLOGPOLICY_MAX_BYTES)
		return ERR_LIMIT;
	while (!rd_done(&text)) {
		++*line;
		if (!rd_line(&text, &l) || !bytes_ok(l))
			return ERR_FORMAT;
		if ((r = on_line(p, l, &quorum)) != 0)
			return r;
	}
	*line = 0;
	return quorum ? 0 : ERR_FORMAT;
}

/* --- apply ------------------------------------------------------------- */

static unsigned
bits(uint64_t set)
{
	unsigned n = 0;

	for (; set > 0; set &= set - 1)
		n++;
	return n;
}

/* see tlogpolicy.h */
bool
tlogpolicy_holds(const struct tlogpolicy *p, uint32_t set)
{
	uint64_t have = set;
	size_t i;

	for (i = 0; i < p->ngroups; i++)
		if (bits(p->group[i].members & have) >= p->group[i].need)
			have |= GROUP_BIT(i);
	return p->quorum == 0 || (have & p->quorum) != 0;
}

/* see tlogpolicy.h */
bool
tlogpolicy_time(const struct tlogpolicy *p, const struct cosigners *c,
    uint64_t *time)
{
	bool found = false;
	uint32_t set;
	size_t i, j;

	for (i = 0; p->quorum != 0 && i < p->nwitnesses; i++) {
		if ((c->set >> i & 1) == 0 || (found && c->time[i] <= *time))
			continue;
		for (j = 0, set = 0; j < p->nwitnesses; j++)
			if ((c->set >> j & 1) != 0 && c->time[j] >= c->time[i])
				set |= UINT32_C(1) << j;
		if (tlogpolicy_holds(p, set)) {
			*time = c->time[i];
			found = true;
		}
	}
	return found;
}

/* Which log's line holds; a bad line of any refuses the note. */
static int
find_log(const struct tlogpolicy *p, const struct note *n, size_t *log)
{
	int r, found = ERR_NOMATCH;
	size_t i;

	for (i = 0; i < p->nlogs; i++) {
		r = note_verify(n, &p->log[i]);
		if (r != 0 && r != ERR_NOMATCH)
			return r;
		if (r == 0 && found != 0) {
			*log = i;
			found = 0;
		}
	}
	return found;
}

/* see tlogpolicy.h */
int
tlogpolicy_check(const struct tlogpolicy *p, struct rd bytes, size_t *log,
    struct checkpoint *c, struct cosigners *who)
{
	struct note n;
	int r;

	memset(who, 0, sizeof(*who));
	if ((r = note_parse(&n, bytes)) != 0 ||
	    (r = find_log(p, &n, log)) != 0 ||
	    (r = checkpoint_parse(c, n.text)) != 0)
		return r;
	if (!rd_eq_str(c->origin, p->log[*log].name))
		return ERR_FORMAT;
	if ((r = cosign_check(&n, p->witness, p->nwitnesses, who)) != 0)
		return r;
	return tlogpolicy_holds(p, who->set) ? 0 : ERR_ORDER;
}

/* --- write ------------------------------------------------------------- */

static void
put_witness_name(struct wr *w, size_t i)
{
	wr_u8(w, 'w');
	wr_dec(w, i + 1);
}

static bool
url_ok(const char *url)
{
	size_t i;

	for (i = 0; url[i] != '\0'; i++)
		if ((unsigned char)url[i] <= ' ' || url[i] == 0x7f)
			return false;
	return i > 0;
}

static bool
keys_ok(const struct vkey *log, const struct vkey *witness, size_t n)
{
	size_t i;

	if (log->type != NOTE_ED25519)
		return false;
	for (i = 0; i < n; i++)
		if (witness[i].type != NOTE_COSIG ||
		    has_key(witness, i, &witness[i]))
			return false;
	return true;
}

/* see tlogpolicy.h */
int
tlogpolicy_write(struct wr *w, const struct vkey *log, const char *url,
    const struct vkey *witness, size_t n, unsigned need)
{
	size_t i;

	if (n > TLOGPOLICY_WITNESSES)
		return ERR_LIMIT;
	if (need > n || !keys_ok(log, witness, n) ||
	    (url != NULL && !url_ok(url)))
		return ERR_FORMAT;
	wr_str(w, "log ");
	vkey_write(w, log);
	if (url != NULL) {
		wr_u8(w, ' ');
		wr_str(w, url);
	}
	wr_u8(w, '\n');
	for (i = 0; i < n; i++) {
		wr_str(w, "witness ");
		put_witness_name(w, i);
		wr_u8(w, ' ');
		vkey_write(w, &witness[i]);
		wr_u8(w, '\n');
	}
	if (need > 0) {
		wr_str(w, "group witnesses ");
		wr_dec(w, need);
		for (i = 0; i < n; i++) {
			wr_u8(w, ' ');
			put_witness_name(w, i);
		}
		wr_u8(w, '\n');
	}
	wr_str(w, need > 0 ? "quorum witnesses\n" : "quorum none\n");
	return wr_ok(w) ? 0 : ERR_LIMIT;
}
