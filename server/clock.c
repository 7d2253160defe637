/* SPDX-License-Identifier: ISC */
/*
 * clock.c - when an epoch may close.
 *
 * A wrong clock must not sign wrong times: closes never fall, and a jump far
 * ahead would skip epochs for good.  So doubt keeps the epoch open, which
 * loses nothing, and says so in health.
 */
#include "server/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/wr.h"
#include "server/file.h"

#define MAGIC	"ecrdrop/clock/v1\n"

/* see clock.h */
void
clock_init(struct clock_state *c, uint64_t last, uint64_t epoch,
    uint64_t confirmed, uint64_t doubted, struct clock_now now)
{
	memset(c, 0, sizeof(*c));
	c->last = last;
	c->epoch = epoch;
	c->confirmed = confirmed;
	if (doubted != 0) {
		c->stepped = true;
		if (confirmed > doubted)
			c->confirmed = doubted;
	}
	/* An old confirmation still says that those weeks did pass. */
	if (confirmed > last && confirmed <= now.real)
		c->last = confirmed;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Two epochs must fit in: an epoch may itself be a week. */
static uint64_t
ahead_limit(const struct clock_state *c)
{
	return 2 * c->epoch > CLOCK_AHEAD_SECS ?
	    2 * c->epoch : CLOCK_AHEAD_SECS;
}

/* see clock.h */
enum health
clock_look(struct clock_state *c, struct clock_now now)
{
	/* Both clocks run on alike unless somebody sets one. */
	if (c->seen && distance(now.real + c->before.boot,
	    now.boot + c->before.real) > CLOCK_STEP_SECS)
		c->stepped = true;
	c->seen = true;
	c->before = now;
	if (now.real < c->last)
		return HEALTH_CLOCK_BEHIND;
	if (c->stepped ||
	    (c->last != 0 && now.real - c->last > ahead_limit(c)))
		return HEALTH_CLOCK_AHEAD;
	return HEALTH_OK;
}

/* see clock.h */
void
clock_closed(struct clock_state *c, uint64_t close)
{
	if (close > c->last)
		c->last = close;
}

/* see clock.h */
void
clock_confirm_at(struct clock_state *c, uint64_t when, struct clock_now now)
{
	/* An older one is a new word, too: the clock may have been set back. */
	if (when == c->confirmed ||
	    distance(when, now.real) > CLOCK_FRESH_SECS)
		return;
	c->confirmed = when;
	c->stepped = false;
	if (when > c->last)
		c->last = when < now.real ? when : now.real;
}

/* see clock.h */
uint64_t
clock_next_close(uint64_t now, uint64_t last, uint64_t epoch)
{
	uint64_t after = now > last ? now : last;

	return (after / epoch + 1) * epoch;
}

/* --- the machine --------------------------------------------------------- */

static uint64_t
seconds(clockid_t which)
{
	struct timespec ts;

	if (clock_gettime(which, &ts) == -1 || ts.tv_sec < 0)
		abort();
	return (uint64_t)ts.tv_sec;
}

/* see clock.h */
struct clock_now
clock_now(void)
{
	struct clock_now now = {
		.real = seconds(CLOCK_REALTIME),
		.boot = seconds(CLOCK_BOOTTIME),
	};

	return now;
}

/* see clock.h */
int
clock_file_parse(uint64_t *when, struct rd in)
{
	struct rd line;

	if (!rd_lit(&in, MAGIC) || !rd_line(&in, &line) || !rd_done(&in) ||
	    !rd_dec(line, INT64_MAX, when))
		return ERR_FORMAT;
	return 0;
}

/* A file of that form with the present time. */
static int
write_now(int dir, const char *name)
{
	unsigned char buf[CLOCK_FILE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));

	wr_str(&w, MAGIC);
	wr_dec(&w, clock_now().real);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		abort();
	return file_replace(dir, name, wr_rd(&w), 0600);
}

/* 0: there is none. */
static uint64_t
read_time(int dir, const char *name)
{
	unsigned char buf[CLOCK_FILE_MAX];
	uint64_t when;
	size_t n;

	if (file_slurp(dir, name, buf, sizeof(buf), &n) != 0 ||
	    clock_file_parse(&when, rd_from(buf, n)) != 0)
		return 0;
	return when;
}

/* see clock.h */
int
clock_confirm(int dir)
{
	uint64_t doubted = clock_doubted(dir);
	int r;

	if ((r = write_now(dir, CLOCK_FILE)) != 0)
		return r;
	/* One that arose just now is not what the operator looked at. */
	return doubted != 0 && clock_doubted(dir) == doubted ?
	    clock_doubt(dir, false) : 0;
}

/* see clock.h */
int
clock_doubt(int dir, bool doubt)
{
	int r;

	if (doubt)
		return write_now(dir, CLOCK_DOUBT_FILE);
	if ((r = file_remove(dir, CLOCK_DOUBT_FILE)) != 0)
		return r;
	return file_sync_dir(dir, ".");
}

/* see clock.h */
uint64_t
clock_confirmed(int dir)
{
	return read_time(dir, CLOCK_FILE);
}

/* see clock.h */
uint64_t
clock_doubted(int dir)
{
	return read_time(dir, CLOCK_DOUBT_FILE);
}
