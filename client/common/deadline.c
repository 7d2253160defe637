/* SPDX-License-Identifier: ISC */
/*
 * deadline.c - the clocks of the office's procedures.
 */
#include <stdlib.h>

#include "client/common/deadline.h"
#include "crypto/keyset.h"

static const struct rule {
	int32_t days;
	unsigned months;
} rules[DEADLINES] = {
	[DEADLINE_ACK] = { 7, 0 },
	[DEADLINE_FEEDBACK] = { 0, 3 },
	[DEADLINE_REVIEW] = { 30, 0 },
};

#define DATE_CHARS	10		/* YYYY-MM-DD */
#define YEAR_LAST	9999
#define DAY_LAST	2932896		/* 9999-12-31 */

/* A server may stamp what it likes; a date has four digits for the year. */
static int32_t
sayable(int64_t day)
{
	if (day < 0)
		return 0;
	return day > DAY_LAST ? DAY_LAST : (int32_t)day;
}

/* The number that n digits of a date say. */
static unsigned
digits(const char *p, size_t n)
{
	unsigned v = 0;

	while (n-- > 0)
		v = v * 10 + (unsigned)(*p++ - '0');
	return v;
}

static void
put_digits(char *p, size_t n, unsigned v)
{
	while (n-- > 0) {
		p[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* see deadline.h */
int32_t
deadline_add_months(int32_t day, unsigned months)
{
	char date[DATE_CHARS + 1];
	struct wr w = wr_from(date, sizeof(date));
	unsigned year, month, dom;
	int32_t out;

	day = sayable(day);
	day_write(&w, day);
	if (!wr_ok(&w) || w.n != DATE_CHARS)
		abort();		/* years 1970 to 9999 alone */
	month = digits(date + 5, 2) - 1 + months;
	year = digits(date, 4) + month / 12;
	month %= 12;
	if (year > YEAR_LAST)
		return day;
	put_digits(date, 4, year);
	put_digits(date + 5, 2, month + 1);
	for (dom = digits(date + 8, 2); dom > 0; dom--) {
		put_digits(date + 8, 2, dom);
		if (day_parse(&out, rd_from(date, DATE_CHARS)))
			return out;
	}
	abort();			/* every month has a first day */
}

/* see deadline.h */
int32_t
deadline_day(enum deadline_clock clock, int32_t start)
{
	return sayable((int64_t)deadline_add_months(start,
	    rules[clock].months) + rules[clock].days);
}

/* see deadline.h */
int32_t
deadline_feedback(int32_t receipt, int32_t acknowledged)
{
	int32_t start = deadline_day(DEADLINE_ACK, receipt);

	if (acknowledged < start)
		start = acknowledged < receipt ? receipt : acknowledged;
	return deadline_day(DEADLINE_FEEDBACK, start);
}
