/* SPDX-License-Identifier: ISC */
/*
 * day.c - dates as days since 1970-01-01, and back.
 *
 * Refuses every second spelling, and days that no calendar has.
 */
#include "crypto/keyset.h"

#define DAY_MAX		2932896		/* 9999-12-31 */

static bool
leap(int32_t y)
{
	return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int32_t
month_days(int32_t y, int32_t m)
{
	static const int8_t days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[m - 1] + (m == 2 && leap(y));
}

/* How many days lie before the first of January of this year. */
static int32_t
year_start(int32_t y)
{
	int32_t b = y - 1;

	return b * 365 + b / 4 - b / 100 + b / 400 - 719162;
}

/* n digits, leading zeros and all */
static bool
digits(struct rd *r, size_t n, int32_t *v)
{
	struct rd d;
	size_t i;

	if (!rd_take(r, &d, n))
		return false;
	*v = 0;
	for (i = 0; i < n; i++) {
		if (d.p[i] < '0' || d.p[i] > '9')
			return false;
		*v = *v * 10 + (d.p[i] - '0');
	}
	return true;
}

/* see keyset.h */
bool
day_parse(int32_t *day, struct rd text)
{
	int32_t y, m, d, i, n;

	if (!digits(&text, 4, &y) || y < 1970 || !rd_lit(&text, "-") ||
	    !digits(&text, 2, &m) || m < 1 || m > 12 || !rd_lit(&text, "-") ||
	    !digits(&text, 2, &d) || d < 1 || d > month_days(y, m) ||
	    !rd_done(&text))
		return false;
	for (n = year_start(y), i = 1; i < m; i++)
		n += month_days(y, i);
	*day = n + d - 1;
	return true;
}

static void
put_digits(struct wr *w, int32_t v, int32_t unit)
{
	for (; unit > 0; unit /= 10)
		wr_u8(w, (uint8_t)('0' + v / unit % 10));
}

/* see keyset.h */
void
day_write(struct wr *w, int32_t day)
{
	int32_t y, m;

	if (day < 0 || day > DAY_MAX) {
		w->over = true;		/* no such text */
		return;
	}
	for (y = 1970 + day / 366; year_start(y + 1) <= day; y++)
		continue;
	day -= year_start(y);
	for (m = 1; day >= month_days(y, m); m++)
		day -= month_days(y, m);
	put_digits(w, y, 1000);
	wr_u8(w, '-');
	put_digits(w, m, 10);
	wr_u8(w, '-');
	put_digits(w, day + 1, 10);
}
