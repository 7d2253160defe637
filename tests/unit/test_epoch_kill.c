/* SPDX-License-Identifier: ISC */
/*
 * test_epoch_kill.c - a process that closes an epoch is killed with SIGKILL
 * before its nth call that changes the disk, for each n.
 *
 * The next start ends with the log of an undisturbed run, byte for byte:
 * entries, tiles, checkpoint; and whatever checkpoint was shown, or stood in
 * the guard, is one of a beginning of it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/datadir.h"
#include "server/epoch.h"
#include "server/file.h"
#include "tests/unit/said_help.h"
#include "tests/unit/store_help.h"
#include "tests/unit/trace.h"

#define NOW	1000003u		/* the first close: 1000010 */
#define CLOSE	1000010u
#define PARCELS	9u

static struct logkey key;
static struct keys keys;		/* with roles in the last test alone */
static struct epochs e;
static long left = -1;			/* calls until the end; -1: none */

static void
maybe_die(void)
{
	if (left > 0 && --left == 0)
		(void)kill(getpid(), SIGKILL);
}

/* --- instead of the C library's ----------------------------------------- */

ssize_t
write(int fd, const void *p, size_t n)
{
	maybe_die();
	return syscall(SYS_write, fd, p, n);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	maybe_die();
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	maybe_die();
	return syscall(SYS_writev, fd, v, n);
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	maybe_die();
	return syscall(SYS_pwritev, fd, v, n, at, 0);
}

int
fdatasync(int fd)
{
	maybe_die();
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	maybe_die();
	return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *a, const char *b)
{
	maybe_die();
	return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 0);
}

int
renameat(int d, const char *a, int f, const char *b)
{
	maybe_die();
	return (int)syscall(SYS_renameat2, d, a, f, b, 0);
}

int
linkat(int d, const char *a, int f, const char *b, int flags)
{
	maybe_die();
	return (int)syscall(SYS_linkat, d, a, f, b, flags);
}

int
unlinkat(int d, const char *path, int flags)
{
	maybe_die();
	return (int)syscall(SYS_unlinkat, d, path, flags);
}

int
mkdirat(int d, const char *path, mode_t mode)
{
	maybe_die();
	return (int)syscall(SYS_mkdirat, d, path, mode);
}

/* --- a life ------------------------------------------------------------- */

/* What the fronts would have been given goes into a file, in full. */
static int
on_publish(void *arg)
{
	struct rd note = guard_note(&e.guard);
	unsigned char size[4] = { (unsigned char)(note.n >> 8),
	    (unsigned char)note.n };
	int fd = open("../shown", O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)arg;
	if (fd == -1 || syscall(SYS_write, fd, size, sizeof(size)) == -1 ||
	    syscall(SYS_write, fd, note.p, note.n) == -1)
		abort();
	return close(fd);
}

static void
set_up(void)
{
	memset(&e, 0, sizeof(e));
	e.conf.seconds = 10;
	e.conf.batch = 4;
	e.conf.parcels = 64;
	e.conf.drop_bytes = 256u << 20;
	e.key = &key;
	e.keys = &keys;
	e.publish = on_publish;
	e.guard.dir = help_guard();
}

static int
finish(void)
{
	int r = 0;

	while (epochs_busy(&e) && r == 0)
		r = epochs_step(&e);
	return r;
}

/* In a child: start and finish; before the nth call it is dead. */
static bool
killed_at(long n)
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t pid = fork();

	cr_assert_neq(pid, -1);
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &none);
		set_up();
		left = n;
		if (epochs_start(&e, help_now(CLOSE + 1)) != 0 ||
		    finish() != 0)
			_exit(1);
		left = -1;
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		cr_assert_eq(WTERMSIG(status), SIGKILL);
		return true;
	}
	cr_assert_eq(WEXITSTATUS(status), 0, "it failed by itself at %ld", n);
	return false;
}

static void
run(const char *command)
{
	cr_assert_eq(system(command), 0, "%s", command);
}

static void
put_down(const char *state)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "cd .. && rm -rf data shown "
	    "data.guard && cp -a %s data && cp -a %s.guard data.guard",
	    state, state);
	run(command);
	cr_assert_eq(chdir("../data"), 0);
}

/* All that anybody can ask of a log. */
static size_t
write_log(unsigned char *out, size_t cap)
{
	struct wr w = wr_from(out, cap);
	struct tile t;
	uint64_t size = drop_size(e.drop), i;

	wr_rdr(&w, drop_checkpoint(e.drop));
	for (t.level = TILE_ENTRIES; t.level <= 1; t.level++)
		for (i = 0; (t.width = tile_width_at(t.level, i, size)) > 0;
		    i++) {
			t.index = i;
			cr_assert_eq(drop_get_tile(e.drop, &w, &t), 0);
		}
	cr_assert(wr_ok(&w));
	return w.n;
}

/* Is what anybody was shown, or the guard has seen, a beginning of it? */
static void
assert_shown(void)
{
	unsigned char *b = NULL;
	struct checkpoint c;
	struct rd in, note;
	struct note opened;
	struct stat st;
	size_t n = 0;

	if (stat("../shown", &st) == 0)
		b = help_slurp("../shown", &n);
	in = rd_from(b, n);
	while (!rd_done(&in)) {
		uint32_t size;

		cr_assert(rd_u32(&in, &size));
		cr_assert(rd_take(&in, &note, size >> 16));
		cr_assert_eq(note_open(&opened, note, &key.vk), 0);
		cr_assert_eq(checkpoint_parse(&c, opened.text), 0);
		cr_assert_eq(drop_begins(e.drop, c.size, c.root), 0);
	}
	free(b);
	cr_assert_eq(drop_begins(e.drop, e.guard.size, e.guard.root), 0);
}

static unsigned char whole[1 << 20], other[1 << 20];
static size_t nwhole;

static void
assert_same_log(long n)
{
	size_t nother;

	nother = write_log(other, sizeof(other));
	cr_assert_eq(nother, nwhole, "killed at %ld: another length", n);
	cr_assert_arr_eq(other, whole, nwhole, "killed at %ld", n);
	assert_shown();
	cr_assert(rd_eq(guard_note(&e.guard), drop_checkpoint(e.drop)));
}

/*
 * Closes the state again and again, killed once each time; want: byte for
 * byte the log of an undisturbed close.
 */
static void (*look)(long n);		/* what else must hold in the end */

static long
kill_everywhere(const char *state, bool want)
{
	long n;
	bool killed = true;

	for (n = 1; killed; n++) {
		put_down(state);
		killed = killed_at(n);
		/* Before anything is finished: the guard may not be ahead. */
		set_up();
		cr_assert_eq(epochs_start(&e, help_now(CLOSE + 2)), 0,
		    "killed at %ld: no start", n);
		assert_shown();
		cr_assert_eq(finish(), 0, "killed at %ld", n);
		cr_assert_eq(drop_verify_from(e.drop, &key.vk, 0), 0);
		cr_assert_eq(drop_last_close(e.drop), CLOSE);
		cr_assert_eq(access("pending/1000010", F_OK), -1);
		if (want)
			assert_same_log(n);
		if (look != NULL)
			look(n);
		epochs_stop(&e);
	}
	return n;
}

static void
setup(void)
{
	if (access("/dev/shm", W_OK) == 0)
		cr_assert_eq(setenv("TMPDIR", "/dev/shm", 1), 0);
	help_enter();
	help_key(&key);
	/* An earlier close, so that there is a tree to be consistent with. */
	set_up();
	cr_assert_eq(epochs_start(&e, help_now(NOW - 10)), 0);
	help_fill(&e, 1, 5);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE - 10)), 0);
	cr_assert_eq(finish(), 0);
	help_fill(&e, 100, PARCELS);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
}

TestSuite(epoch_kill, .init = setup, .timeout = 300);

Test(epoch_kill, at_each_call_of_a_close_with_its_cover)
{
	long n;

	epochs_stop(&e);
	run("cp -a ../data ../begun && cp -a ../data.guard ../begun.guard");
	n = kill_everywhere("begun", false);
	cr_assert_geq(n, 28, "%ld calls", n);
}

/* Cover is sealed at random: where it is there already, all is the same. */
Test(epoch_kill, at_each_call_after_cover_and_the_log_is_the_same)
{
	long n;

	while (e.step != STEP_BODIES)
		cr_assert_eq(epochs_step(&e), 0);
	epochs_stop(&e);
	run("cp -a ../data ../covered && cp -a ../data.guard ../covered.guard");
	put_down("covered");
	cr_assert_not(killed_at(-1));
	set_up();
	cr_assert_eq(epochs_start(&e, help_now(CLOSE + 2)), 0);
	nwhole = write_log(whole, sizeof(whole));
	epochs_stop(&e);
	n = kill_everywhere("covered", true);
	cr_assert_geq(n, 20, "%ld calls", n);
}

/* --- what the office sent, and what it gave up --------------------------- */

static struct said_role office;
static struct trace *gone;
static unsigned char answers[4 * REPLY_BYTES];

/* A statement about what is signed; whoever reads it erases at once. */
static void
say(uint64_t sequence, uint64_t erase)
{
	static unsigned char body[256 << 10];
	struct wr w = wr_from(body, sizeof(body));
	static struct statement s;
	enum office_verdict v;
	struct checkpoint c;
	struct note note;
	uint64_t next;

	said_init(&s, &office, HELP_ORIGIN, sequence);
	cr_assert_eq(note_parse(&note, drop_checkpoint(e.drop)), 0);
	cr_assert_eq(checkpoint_parse(&c, note.text), 0);
	s.size = c.size;
	memcpy(s.root, c.root, HASH_BYTES);
	s.erase = erase;
	s.drop = sequence;
	said_replies(&s, answers, 4);
	said_record(&w, &office, &s, answers, true);
	cr_assert_eq(office_take(&e.office, wr_rd(&w),
	    pending_head(e.open)->close, &v, &next), 0);
	cr_assert_eq(v, OFFICE_NEW);
}

static void
look_office(long n)
{
	struct drop_role *r = malloc(sizeof(*r));
	struct replies_view v;
	unsigned char *p;
	size_t bytes;

	cr_assert_not_null(r);
	cr_assert_eq(drop_role_get(e.drop, office.k.name, r), 0);
	cr_assert_eq(r->sequence, 2, "killed at %ld", n);
	free(r);
	cr_assert_eq(drop_replies(e.drop, &p, &bytes), 0);
	cr_assert_eq(replies_parse(&v, rd_from(p, bytes)), 0);
	cr_assert_eq(v.count, 1, "killed at %ld", n);
	cr_assert(rd_eq(v.replies, rd_from(answers, sizeof(answers))));
	free(p);
	cr_assert_eq(trace_count_tree(gone, "."), 0, "killed at %ld", n);
}

static void
forget_all(uint32_t number, uint32_t n)
{
	static unsigned char parcel[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];
	size_t i;

	gone = trace_new();
	for (; n > 0; n--, number++) {
		help_parcel(parcel, digest, number);
		trace_add(gone, parcel, sizeof(parcel));
	}
	for (i = 0; i < 4; i++)
		trace_add(gone, answers + i * REPLY_BYTES, REPLY_BYTES);
}

Test(epoch_kill, at_each_call_of_a_close_that_logs_and_erases)
{
	unsigned char text[512];
	struct wr w = wr_from(text, sizeof(text));
	uint64_t first;
	long n;

	epochs_stop(&e);
	said_role_new(&office, "office.example/office", &key.vk);
	vkey_write(&w, &office.k);
	wr_u8(&w, '\n');
	cr_assert_eq(keys_parse_roles(&keys, wr_rd(&w)), 0);
	run("cd .. && rm -rf data data.guard shown");
	cr_assert_eq(chdir(".."), 0);
	cr_assert_eq(datadir_create("data", HELP_ORIGIN), 0);
	cr_assert_eq(chdir("data"), 0);
	logkey_wipe(&key);
	help_key(&key);
	said_keyset(&office, &key.vk, 1);
	set_up();
	cr_assert_eq(epochs_start(&e, help_now(NOW - 20)), 0);
	help_fill(&e, 1, 5);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE - 20)), 0);
	cr_assert_eq(finish(), 0);
	first = drop_size(e.drop);
	say(1, 0);
	forget_all(1, 5);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE - 10)), 0);
	cr_assert_eq(finish(), 0);
	cr_assert_gt(trace_count_tree(gone, "."), 0);
	help_fill(&e, 100, PARCELS);
	say(2, first);
	cr_assert_eq(epochs_rotate(&e, help_now(CLOSE)), 0);
	while (e.step != STEP_BODIES)
		cr_assert_eq(epochs_step(&e), 0);
	epochs_stop(&e);
	run("cp -a ../data ../said && cp -a ../data.guard ../said.guard");
	put_down("said");
	cr_assert_not(killed_at(-1));
	set_up();
	cr_assert_eq(epochs_start(&e, help_now(CLOSE + 2)), 0);
	look_office(0);
	nwhole = write_log(whole, sizeof(whole));
	epochs_stop(&e);
	look = look_office;
	n = kill_everywhere("said", true);
	cr_assert_geq(n, 40, "%ld calls", n);
	look = NULL;
	trace_free(gone);
}
