/* SPDX-License-Identifier: ISC */
/*
 * judge.c - was the promise of a receipt kept?
 */
#include "crypto/judge.h"
#include "crypto/tree.h"

static bool
holds(const struct judge_view *v, const struct judge_place *at)
{
	return at->found && at->index < v->size;
}

/* Can all of this be said of one log? */
static bool
views_ok(const struct judge_place *at, const struct judge_view *view,
    size_t n)
{
	bool held = false;
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (view[i].size > TREE_SIZE_MAX ||
		    view[i].latest > INT64_MAX || view[i].time > INT64_MAX ||
		    (view[i].size == 0 && view[i].latest != 0))
			return false;
		/* Closes never fall: entries after it are not before it. */
		if (holds(&view[i], at) ? view[i].latest < at->close :
		    at->found && view[i].latest > at->close)
			return false;
		held = held || holds(&view[i], at);
		for (j = 0; j < i; j++)
			if ((view[i].size < view[j].size &&
			    view[i].latest > view[j].latest) ||
			    (view[i].size > view[j].size &&
			    view[i].latest < view[j].latest) ||
			    (view[i].size == view[j].size &&
			    view[i].latest != view[j].latest))
				return false;
	}
	return n > 0 && (held || !at->found);
}

/* What a checkpoint that does not hold the entry says against the log. */
static enum judge_reason
against(const struct judge_view *v, uint64_t close, uint64_t patience)
{
	if (v->latest > close)
		return JUDGE_BY_CLOSE;
	return v->time > close + patience ? JUDGE_BY_TIME : JUDGE_NO_REASON;
}

/* The smallest view without the entry that says something against it. */
static bool
find(struct judgement *j, uint64_t close, uint64_t patience,
    const struct judge_place *at, const struct judge_view *view, size_t n)
{
	enum judge_reason why;
	bool found = false;
	size_t i;

	for (i = 0; i < n; i++) {
		why = holds(&view[i], at) ? JUDGE_NO_REASON :
		    against(&view[i], close, patience);
		if (why == JUDGE_NO_REASON ||
		    (found && view[i].size >= view[j->view].size))
			continue;
		j->reason = why;
		j->view = i;
		found = true;
	}
	return found;
}

/* The smallest view that holds the entry. */
static size_t
first_holding(const struct judge_place *at, const struct judge_view *view,
    size_t n)
{
	size_t i, best = n;

	for (i = 0; i < n; i++)
		if (holds(&view[i], at) &&
		    (best == n || view[i].size < view[best].size))
			best = i;
	return best;
}

/* see judge.h */
int
judge_receipt(struct judgement *j, const struct receipt *rc,
    const struct judge_place *at, const struct judge_view *view, size_t n)
{
	j->reason = JUDGE_NO_REASON;
	j->view = 0;
	if (rc->close > INT64_MAX || !views_ok(at, view, n))
		return ERR_FORMAT;
	if (find(j, rc->close, JUDGE_DAY_SECS, at, view, n)) {
		j->verdict = JUDGE_BROKEN;
	} else if (!at->found) {
		j->verdict = JUDGE_NOT_DUE;
	} else if (at->close > rc->close) {
		j->verdict = JUDGE_LATE;
		j->reason = JUDGE_BY_CLOSE;
		j->view = first_holding(at, view, n);
	} else if (find(j, rc->close, JUDGE_GRACE_SECS, at, view, n)) {
		j->verdict = JUDGE_LATE;
	} else {
		j->verdict = JUDGE_IN_TIME;
	}
	return 0;
}
