/* SPDX-License-Identifier: ISC */
/*
 * test_export.c - statements: when one is made, what it carries, what an
 * import makes of them; and an export and an import killed with SIGKILL, or
 * failing, at their nth call that changes the disk, for each n.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/answer.h"
#include "client/desk/import.h"
#include "client/desk/ownstmt.h"
#include "client/desk/statements.h"
#include "client/desk/thread.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"
#include "tests/unit/deskbox.h"
#include "tests/unit/tmpdir.h"

#define DAY	86400
#define REPORT	"{\"submission\":\"advice\",\"text\":\"a question\"}"
#define FOLLOW	"{\"text\":\"and another\"}"

static long left = -1;			/* calls until it strikes; -1: never */
static int strikes;			/* errno of the call, 0: the end */

/* Does this call fail?  Or it does not come back at all. */
static bool
struck(void)
{
	if (left < 0 || --left > 0)
		return false;
	left = -1;
	if (strikes == 0)
		(void)kill(getpid(), SIGKILL);
	errno = strikes;
	return true;
}

/* --- instead of the C library's ----------------------------------------- */

ssize_t
write(int fd, const void *p, size_t n)
{
	if (struck())
		return -1;
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (struck())
		return -1;
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	if (struck())
		return -1;
	return syscall(SYS_writev, fd, v, n);
}

int
fdatasync(int fd)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

int
renameat(int d, const char *a, int f, const char *b)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_renameat2, d, a, f, b, 0);
}

int
linkat(int d, const char *a, int f, const char *b, int flags)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_linkat, d, a, f, b, flags);
}

int
unlinkat(int d, const char *path, int flags)
{
	if (struck())
		return -1;
	return (int)syscall(SYS_unlinkat, d, path, flags);
}

/* --- the desk ----------------------------------------------------------- */

static struct deskbox x;
static char out[DESKBOX_PATH];
static uint64_t closes;			/* days */

static void
setup(void)
{
	deskbox_open(&x);
	snprintf(out, sizeof(out), "%s", tmpdir_path("out"));
	closes = 20000;
}

static void
teardown(void)
{
	deskbox_close(&x);
}

TestSuite(export, .init = setup, .fini = teardown, .timeout = 120);

static void
epoch(void)
{
	box_cover(&x.b, 1);
	box_epoch(&x.b, closes++ * DAY, 0);
}

/* An import that must succeed, and whose counts are told. */
static void
import(void)
{
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(import_told(x.d, &x.st), 0);
}

static void
one_report(void)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	epoch();
	import();
}

static struct outstate
state(void)
{
	struct outstate os;

	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(outstore_get_state(x.d->db, &os), 0);
	deskdb_abort(x.d->db);
	return os;
}

/* An answer of so many bytes to the first case. */
static void
reply(size_t n)
{
	struct answer_voice v;
	struct age_recipient to;
	char *text = malloc(n + 1);
	uint64_t no;
	json_t *o;

	memset(text, 'x', n);
	text[n] = '\0';
	o = json_pack("{s:s}", "text", text);
	cr_assert_eq(answer_speak(&v, x.d), 0);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(answer_mailbox(x.d->db, 1, &to), 0);
	cr_assert_eq(answer_add(x.d->db, 1, 1, 20000, o, &to, &v, &no), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	json_decref(o);
	free(text);
	answer_hush(&v);
}

static int
export(struct statements_made *made)
{
	uint64_t n, bytes;
	int code;

	if ((code = statements_make(x.d, made)) != 0)
		return code;
	return statements_write(x.d, out, &n, &bytes);
}

static uint64_t
exported(void)
{
	struct statements_made made;

	cr_assert_eq(export(&made), 0);
	return made.statements;
}

/* The outbox file; the caller frees it. */
static struct rd
outbox(void)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_read(&p, &n, out, (size_t)200 << 20), 0);
	return rd_from(p, n);
}

static void
let_go(struct rd r)
{
	free((void *)(uintptr_t)r.p);
}

/* The log takes in what the outbox has. */
static void
logged(void)
{
	struct rd r = outbox();

	box_outbox(&x.b, r);
	let_go(r);
	epoch();
}

/* --- when there is one --------------------------------------------------- */

Test(export, nothing_is_said_before_trust_and_an_import)
{
	struct statements_made made;
	struct trust t;

	memset(&t, 0, sizeof(t));
	cr_assert_eq(export(&made), EXIT_CONFIG);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(store_put_trust(x.d->db, &t, NULL), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	cr_assert_eq(export(&made), EXIT_CONFIG);
	cr_assert_eq(access(out, F_OK), -1);
	cr_assert_eq(state().sequence, 0);
}

Test(export, a_statement_is_made_only_where_there_is_news)
{
	struct rd a, b;

	one_report();
	cr_assert_eq(exported(), 1);
	a = outbox();
	cr_assert_eq(exported(), 0);
	b = outbox();
	cr_assert(rd_eq(a, b), "not the same again");
	let_go(b);
	reply(10);
	cr_assert_eq(exported(), 1);
	b = outbox();
	cr_assert_gt(b.n, a.n);
	cr_assert_eq(memcmp(a.p, b.p, a.n), 0, "what was said has changed");
	let_go(a);
	let_go(b);
	epoch();
	import();
	cr_assert_eq(exported(), 1, "more of the log was imported");
	cr_assert_eq(state().sequence, 3);
}

Test(export, more_answers_than_a_statement_holds_make_several)
{
	struct outbox_record r;
	struct rd all, rest;
	size_t n = 0;
	int i;

	one_report();
	for (i = 0; i < 8; i++)
		reply(70 * REPLY_DATA_BYTES - 1000);
	cr_assert_eq(exported(), 2, "561 parts");
	rest = all = outbox();
	while (!rd_done(&rest)) {
		cr_assert_eq(outbox_next(&rest, &r), 0);
		cr_assert_leq(r.whole.n, OUTBOX_BYTES_MAX);
		n++;
	}
	cr_assert_eq(n, 2);
	let_go(all);
	cr_assert_eq(exported(), 0);
}

/* --- what the log has ----------------------------------------------------- */

Test(export, what_the_log_has_is_not_carried_again)
{
	struct thread_count n;
	struct rd piece;

	one_report();
	reply(10);
	cr_assert_eq(exported(), 1);
	logged();
	import();
	cr_assert_eq(state().logged, 1);
	cr_assert_eq(deskdb_begin(x.d->db, false), 0);
	cr_assert_eq(thread_count(x.d->db, 1, &n), 0);
	cr_assert_eq(outstore_get_piece(x.d->db, OUTBLOB_REPLIES, 1, 0,
	    &piece), ERR_NOTFOUND, "the sealed replies are still here");
	deskdb_abort(x.d->db);
	cr_assert_eq(n.answers, 2);
	cr_assert_eq(n.waiting, 0);
	cr_assert(n.answered);
}

/* Leaves of one close are in order of digest, not of sequence. */
Test(export, two_of_one_epoch_may_stand_either_way_round)
{
	int i;

	one_report();
	for (i = 0; i < 6; i++) {
		reply(10);
		cr_assert_eq(exported(), 1);
		reply(10);
		cr_assert_eq(exported(), 1);
		logged();
		import();
		cr_assert_eq(state().logged, state().sequence);
	}
}

static void
copy(const char *from, const char *to)
{
	unsigned char *p;
	size_t n;

	cr_assert_eq(file_read(&p, &n, from, (size_t)200 << 20), 0);
	cr_assert_eq(file_write(to, rd_from(p, n), 0600, true), 0);
	file_free(p, n);
}

/* The store as it was at some time, as a backup brings it back. */
static void
backup(bool back)
{
	char db[DESKBOX_PATH + 100], kept[DESKBOX_PATH];

	snprintf(db, sizeof(db), "%s/cases/data.mdb", x.desk);
	snprintf(kept, sizeof(kept), "%s", tmpdir_path("kept"));
	copy(back ? kept : db, back ? db : kept);
	if (back)
		deskbox_again(&x);
}

Test(export, a_desk_from_a_backup_says_nothing_before_it_has_adopted)
{
	struct statements_made made;
	struct stmt newest;

	one_report();
	cr_assert_eq(exported(), 1);
	backup(false);
	reply(10);
	cr_assert_eq(exported(), 1);
	logged();
	backup(true);
	reply(20);			/* another second statement */
	cr_assert_eq(exported(), 1);
	import();
	cr_assert_eq(state().foreign, 2);
	cr_assert_eq(state().logged, 1);
	cr_assert_eq(export(&made), EXIT_CONFIG);

	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(ownstmt_adopt(x.d->db, &newest), 0);
	cr_assert_eq(deskdb_commit(x.d->db), 0);
	cr_assert_eq(newest.sequence, 2);
	cr_assert_eq(state().foreign, 0);
	cr_assert_eq(export(&made), 0);
	cr_assert_eq(made.statements, 1);
	cr_assert_eq(made.answers, 1, "the superseded one's goes out again");
	cr_assert_eq(state().sequence, 3);
	logged();
	import();
	cr_assert_eq(state().logged, 3);
	cr_assert_eq(state().foreign, 0);
	cr_assert_eq(deskdb_begin(x.d->db, true), 0);
	cr_assert_eq(ownstmt_adopt(x.d->db, &newest), ERR_NOTFOUND);
}

Test(export, what_is_no_statement_of_ours_is_named_and_not_believed)
{
	struct ownstmt o;
	struct rd all, rest;
	struct outbox_record r;
	char *p;

	one_report();
	cr_assert_eq(exported(), 1);
	rest = all = outbox();
	cr_assert_eq(outbox_next(&rest, &r), 0);
	p = malloc(r.statement.n);
	memcpy(p, r.statement.p, r.statement.n);
	p[r.statement.n - 10] ^= 1;		/* in the signature */
	box_body(&x.b, ENTRY_STATEMENT, rd_from(p, r.statement.n));
	box_body(&x.b, ENTRY_STATEMENT, r.keyset);
	box_body(&x.b, ENTRY_STATEMENT, rd_str("words"));
	epoch();
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 3);
	cr_assert_eq(state().logged, 0);
	cr_assert_eq(state().foreign, 0);
	cr_assert_eq(ownstmt_read(&o, r.statement, &x.b.log), 0);
	cr_assert_eq(o.is, OWNSTMT_OTHER, "a key of another name");
	free(p);
	let_go(all);
}

/* A server takes the statement in and drops an answer: it is noticed. */
Test(export, replies_that_the_log_lacks_are_missed)
{
	struct outbox_record r;
	struct rd all, rest, one;

	one_report();
	cr_assert_eq(exported(), 1);
	rest = all = outbox();
	cr_assert_eq(outbox_next(&rest, &r), 0);
	box_body(&x.b, ENTRY_STATEMENT, r.statement);
	cr_assert(rd_take(&r.replies, &one, REPLY_BYTES));
	while (rd_take(&r.replies, &one, REPLY_BYTES))
		box_body(&x.b, ENTRY_REPLY, one);
	let_go(all);
	epoch();
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 1);
	cr_assert_eq(state().logged, 1);
	cr_assert_eq(import_told(x.d, &x.st), 0);
	cr_assert_eq(exported(), 1);
	logged();
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(x.st.problems, 0, "this one came whole");
}

/* --- erased, and met again -------------------------------------------------- */

/* A statement in the name of this desk's key, that the desk never made. */
static void
say_erased(uint64_t sequence, uint64_t below)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static unsigned char note[STATEMENT_MAX_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	struct answer_voice v;
	static struct statement s;

	memset(&s, 0, sizeof(s));
	snprintf(s.office, sizeof(s.office), "%s", x.d->head.office);
	snprintf(s.role, sizeof(s.role), "%s", x.d->head.role);
	snprintf(s.origin, sizeof(s.origin), "%s", BOX_ORIGIN);
	s.sequence = sequence;
	s.size = s.erase = below;
	cr_assert_eq(answer_speak(&v, x.d), 0);
	statement_write(&t, &s);
	cr_assert_eq(note_sign(&n, wr_rd(&t), &v.key, v.sk), 0);
	box_body(&x.b, ENTRY_STATEMENT, wr_rd(&n));
	answer_hush(&v);
}

static void
lose_body(size_t leaf)
{
	struct mirror_log log;
	struct entry e;
	char name[80];

	cr_assert_eq(mirror_log_read(&log, x.b.m, &x.b.log, NULL), 0);
	cr_assert_eq(entry_parse(&e, rd_from(log.entries +
	    leaf * ENTRY_BYTES, ENTRY_BYTES)), 0);
	mirror_name(name, "parcels", e.digest);
	mirror_remove(x.b.m, name);
	mirror_log_wipe(&log);
}

Test(export, what_this_role_erased_may_be_missing_and_nothing_else)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	epoch();
	epoch();
	say_erased(1, 2);
	epoch();
	lose_body(0);
	lose_body(1);
	cr_assert_eq(deskbox_import(&x), 0);
	cr_assert_eq(state().since.erased, 2);
	cr_assert_eq(x.st.cases, 0);

	deskbox_fresh(&x);
	lose_body(2);
	cr_assert_eq(deskbox_import(&x), EXIT_CLAIM);
}

/* --- acknowledgements ------------------------------------------------------- */

Test(export, every_message_is_acknowledged_once)
{
	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&x.b, 2, 1, true, FOLLOW, NULL, 0, BOX_GOOD);
	epoch();
	import();
	cr_assert_eq(state().answers, 2, "not the orphan");
	import();
	cr_assert_eq(state().answers, 2);
	box_message(&x.b, 2, 2, false, REPORT, NULL, 0, BOX_GOOD);
	epoch();
	import();
	cr_assert_eq(state().answers, 4, "the orphan has a case now");
}

/* --- killed at any point ------------------------------------------------------ */

/* Runs f in a child that is killed at call n; false where it ended before. */
static bool
killed_at(long n, void (*f)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	deskdb_close(x.d->db);
	x.d->db = NULL;
	if ((pid = fork()) == 0) {
		char path[DESKBOX_PATH + 100];

		snprintf(path, sizeof(path), "%s/cases", x.desk);
		if (deskdb_open(&x.d->db, path, &x.d->secret->rec) != 0)
			_exit(3);
		left = n;
		f();
		_exit(0);
	}
	cr_assert_gt(pid, 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	deskbox_again(&x);
	if (WIFSIGNALED(status))
		return true;
	cr_assert_eq(WEXITSTATUS(status), 0);
	return false;
}

static void
do_export(void)
{
	struct statements_made made;

	if (export(&made) != 0)
		_exit(4);
}

/* The sequences in the outbox, from the one after `last` on; the newest. */
static uint64_t
sequences(struct rd all, uint64_t last)
{
	struct outbox_record r;
	struct rd line;
	uint64_t v;

	while (!rd_done(&all)) {
		cr_assert_eq(outbox_next(&all, &r), 0);
		cr_assert(rd_line(&r.statement, &line) &&
		    rd_line(&r.statement, &line) &&
		    rd_dec(line, UINT64_MAX, &v));
		cr_assert_eq(v, ++last, "a sequence skips, or is there twice");
	}
	return last;
}

/* Whatever a killed export has shown, the next one says again. */
Test(export, killed_anywhere_sequences_neither_skip_nor_fork)
{
	struct rd seen, now;
	uint64_t last = 0;
	bool more = true;
	long n;

	one_report();
	for (n = 1; more; n++) {
		reply(10);
		(void)unlink(out);
		more = killed_at(n, do_export);
		seen = access(out, F_OK) == 0 ? outbox() : rd_from(NULL, 0);
		(void)exported();
		now = outbox();
		cr_assert(seen.n == 0 || rd_eq(seen, now),
		    "call %ld: another past", n);
		last = sequences(now, last);
		cr_assert_eq(state().settled, state().answers,
		    "call %ld: answers still wait", n);
		let_go(seen);
		let_go(now);
		logged();
		import();
		cr_assert_eq(state().logged, last, "call %ld", n);
		cr_assert_eq(state().foreign, 0);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}

/* A full disk, or one that fails: said, and repeated as if it never were. */
static void
fails_anywhere(int error)
{
	struct statements_made made;
	uint64_t last = 0;
	struct rd now;
	bool more = true;
	int code;
	long n;

	one_report();
	for (n = 1; more; n++) {
		reply(10);
		strikes = error;
		left = n;
		code = export(&made);
		more = left < 0;
		left = -1;
		cr_assert(code == 0 || code == EXIT_CANTCREATE ||
		    code == EXIT_SYSTEM, "call %ld: exit %d", n, code);
		deskbox_again(&x);
		(void)exported();
		now = outbox();
		last = sequences(now, last);
		let_go(now);
		cr_assert_eq(state().settled, state().answers, "call %ld", n);
		logged();
		import();
		cr_assert_eq(state().logged, last, "call %ld", n);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}

Test(export, any_write_or_sync_may_fail)
{
	fails_anywhere(EIO);
}

Test(export, the_disk_may_be_full_at_any_write)
{
	fails_anywhere(ENOSPC);
}

static void
do_import(void)
{
	if (deskbox_import(&x) != 0)
		_exit(4);
}

Test(export, killed_anywhere_an_import_acknowledges_each_message_once)
{
	struct outstate os;
	struct answer a;
	uint64_t i;
	long n;

	box_message(&x.b, 1, 1, false, REPORT, NULL, 0, BOX_GOOD);
	box_message(&x.b, 1, 2, true, FOLLOW, NULL, 0, BOX_GOOD);
	box_message(&x.b, 2, 1, false, REPORT, NULL, 0, BOX_GOOD);
	epoch();
	for (n = 1;; n += 1 + n / 16) {
		deskbox_fresh(&x);
		if (!killed_at(n, do_import))
			break;
		cr_assert_eq(deskbox_import(&x), 0, "call %ld", n);
		os = state();
		cr_assert_eq(os.answers, 3, "call %ld: %d", n,
		    (int)os.answers);
		cr_assert_eq(deskdb_begin(x.d->db, false), 0);
		for (i = 1; i <= os.answers; i++) {
			cr_assert_eq(outstore_get_answer(x.d->db, i, &a), 0);
			cr_assert_eq(a.state, ANSWER_QUEUED, "call %ld", n);
		}
		deskdb_abort(x.d->db);
	}
	cr_assert_gt(n, 8, "%ld calls", n);
}
