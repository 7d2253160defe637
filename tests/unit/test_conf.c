/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "server/conf.h"

#define LEAST "data /d\nlisten plain unix:/s\n"

static struct conf conf;
static size_t line;
static const char *why;

static int
parse(const char *text)
{
	why = NULL;
	return conf_parse(&conf, rd_str(text), &line, &why);
}

static void
refused(const char *text, size_t at)
{
	cr_assert_eq(parse(text), ERR_FORMAT, "taken: %s", text);
	cr_assert_eq(line, at, "line %zu, not %zu: %s", line, at, text);
	cr_assert_not_null(why);
}

Test(conf, the_least_that_is_needed_gets_the_documented_defaults)
{
	cr_assert_eq(parse(LEAST), 0);
	cr_assert_str_eq(conf.data, "/d");
	cr_assert_str_eq(conf.guard, "/d.guard");
	cr_assert_eq(conf.nlisten, 1);
	cr_assert(conf.listen[0].is_unix && !conf.listen[0].tls);
	cr_assert_str_eq(conf.listen[0].address, "/s");
	cr_assert_eq(conf.epoch_seconds, 21600);
	cr_assert_eq(conf.batch, 16);
	cr_assert_eq(conf.work_bits, 8);
	cr_assert_eq(conf.epoch_parcels, 8192);
	cr_assert_eq(conf.drop_bytes, UINT64_C(64) << 30);
	cr_assert_eq(conf.fronts, 0);
	cr_assert_eq(conf.slots, 256);
	cr_assert_eq(conf.connections, 5000);
	cr_assert_eq(conf.handshake_seconds, 10);
	cr_assert_eq(conf.head_seconds, 15);
	cr_assert_eq(conf.body_seconds, 90);
	cr_assert_eq(conf.idle_seconds, 30);
	cr_assert_eq(conf.connection_seconds, 120);
	cr_assert_eq(conf.nkeyset + conf.nvkey, 0);
}

Test(conf, the_guard_lies_beside_the_data_directory_or_elsewhere)
{
	cr_assert_eq(parse("data d//\nlisten plain unix:/s\n"), 0);
	cr_assert_str_eq(conf.guard, "d.guard");
	cr_assert_eq(parse(LEAST "guard /var/lib/seen\n"), 0);
	cr_assert_str_eq(conf.guard, "/var/lib/seen");
	cr_assert_eq(parse(LEAST "guard /data\n"), 0);
	refused(LEAST "guard /d\n", 0);
	refused(LEAST "guard /d/\n", 0);
	refused(LEAST "guard /d/guard\n", 0);
	refused(LEAST "guard /a\nguard /b\n", 4);
}

Test(conf, every_key_lands_in_its_place)
{
	cr_assert_eq(parse("# all of them\n\n"
	    "data\t/var/lib/ecrdrop  \n"
	    "listen tls 192.0.2.1:443\n"
	    "listen tls [2001:db8::1]:443\n"
	    "listen tls 127.0.0.1:0 local\n"
	    "listen plain [::1]:8080 local\n"
	    "listen plain unix:/run/drop one.sock local\n"
	    "data2x"), ERR_FORMAT, "a path may not hold a blank here");
	cr_assert_eq(line, 8);
	cr_assert_eq(parse("data\t/var/lib/ecrdrop  \n"
	    "certificate /c.pem\nkey /my keys/k.pem\nuser ecrdrop\n"
	    "listen tls 192.0.2.1:443\n"
	    "listen tls [2001:db8::1]:443\n"
	    "listen tls 127.0.0.1:0 local\n"
	    "listen plain [::1]:8080 local\n"
	    "listen plain unix:/run/one.sock local\n"
	    "keyset /a\nkeyset /b\noffice-vkey /v\n"
	    "epoch-seconds 1\nbatch 4096\nwork-bits 0\n"
	    "epoch-parcels 4608\ndrop-bytes 1073741824\nfronts 3\nslots 4\n"
	    "connections 10\nhandshake-seconds 1\nhead-seconds 2\n"
	    "body-seconds 3\nidle-seconds 4\nconnection-seconds 5"), 0,
	    "line %zu: %s", line, why);
	cr_assert_str_eq(conf.data, "/var/lib/ecrdrop");
	cr_assert_str_eq(conf.key, "/my keys/k.pem");
	cr_assert_str_eq(conf.user, "ecrdrop");
	cr_assert_eq(conf.nlisten, 5);
	cr_assert_str_eq(conf.listen[1].address, "2001:db8::1");
	cr_assert_eq(conf.listen[1].port, 443);
	cr_assert(conf.listen[2].local && conf.listen[2].tls);
	cr_assert(conf.listen[3].local && !conf.listen[3].tls);
	cr_assert(conf.listen[4].is_unix && conf.listen[4].local);
	cr_assert_eq(conf.nkeyset, 2);
	cr_assert_str_eq(conf.keyset[1], "/b");
	cr_assert_eq(conf.nvkey, 1);
	cr_assert_eq(conf.work_bits, 0);
	cr_assert_eq(conf.drop_bytes, 1073741824);
	cr_assert_eq(conf.connection_seconds, 5);
}

Test(conf, what_is_wrong_is_named_with_its_line)
{
	refused("data /d\nlitsen plain unix:/s\n", 2);
	refused(LEAST "data /e\n", 3);
	refused(LEAST "\n# x\nbatch\n", 5);
	refused(LEAST "batch 0\n", 3);
	refused(LEAST "batch 4097\n", 3);
	refused(LEAST "batch +4\n", 3);
	refused(LEAST "batch 04\n", 3);
	refused(LEAST "batch 4 4\n", 3);
	refused(LEAST "work-bits 19\n", 3);
	refused(LEAST "drop-bytes 99999999999999999999999\n", 3);
	refused(LEAST "user a\001b\n", 3);
	refused(LEAST "user a\r\n", 3);
	refused("data /d", 0);
	refused("listen plain unix:/s\n", 0);
	refused("", 0);
	refused(LEAST "listen tls 127.0.0.1:0\n", 0);
	refused(LEAST "batch 4096\nepoch-parcels 64\n", 0);
	refused(LEAST "erase-delay 1209599\n", 0);
	refused(LEAST "erase-delay 0\nepoch-seconds 60\n", 0);
}

Test(conf, a_hasty_erasure_is_for_short_epochs_alone)
{
	cr_assert_eq(parse(LEAST), 0);
	cr_assert_eq(conf.erase_delay, 14 * 86400);
	cr_assert_eq(parse(LEAST "erase-delay 2000000\n"), 0);
	cr_assert_eq(conf.erase_delay, 2000000);
	cr_assert_eq(parse(LEAST "erase-delay 0\nepoch-seconds 59\n"), 0);
	cr_assert_eq(conf.erase_delay, 0);
}

Test(conf, a_nul_inside_is_refused)
{
	const char text[] = "data /d\0x\nlisten plain unix:/s\n";

	cr_assert_eq(conf_parse(&conf, rd_from(text, sizeof(text) - 1), &line,
	    &why), ERR_FORMAT);
	cr_assert_eq(line, 1);
}

Test(conf, plain_http_stays_near)
{
	refused("listen plain 192.0.2.1:80\n", 1);
	refused("listen plain 0.0.0.0:80\n", 1);
	refused("listen plain [::]:80\n", 1);
	refused("listen plain [::ffff:127.0.0.1]:80\n", 1);
	refused("listen tls 192.0.2.1:443 local\n", 1);
	refused("listen tls unix:/s\n", 1);
	cr_assert_eq(parse("data /d\nlisten plain 127.9.9.9:80\n"), 0);
}

Test(conf, addresses_are_numeric_and_whole)
{
	refused("listen tls localhost:443\n", 1);
	refused("listen tls 127.0.0.1\n", 1);
	refused("listen tls 127.0.0.1:\n", 1);
	refused("listen tls 127.0.0.1:65536\n", 1);
	refused("listen tls 127.1:443\n", 1);
	refused("listen tls ::1:443\n", 1);
	refused("listen tls [::1]\n", 1);
	refused("listen tls [fe80::1%eth0]:443\n", 1);
	refused("listen tls []:443\n", 1);
	refused("listen tls :443\n", 1);
	refused("listen tls\n", 1);
	refused("listen udp 127.0.0.1:443\n", 1);
	refused("listen plain unix:\n", 1);
	refused("listen plain unix:/s remote\n", 1);
	refused("listen plain unix:/s local local\n", 1);
}

Test(conf, one_place_is_claimed_once_but_port_0_as_often_as_liked)
{
	refused(LEAST "listen plain unix:/s local\n", 3);
	refused("listen tls 127.0.0.1:1\nlisten plain 127.0.0.1:1\n", 2);
	cr_assert_eq(parse("data /d\nlisten plain 127.0.0.1:0\n"
	    "listen plain 127.0.0.1:0 local\n"), 0);
}

Test(conf, too_long_and_too_many_are_refused)
{
	char text[2 * CONF_PATH_MAX];
	size_t i;

	strcpy(text, "data ");
	memset(text + 5, 'x', CONF_PATH_MAX);
	text[5 + CONF_PATH_MAX] = '\0';
	refused(text, 1);
	text[4 + CONF_PATH_MAX] = '\0';
	refused(text, 0);
	cr_assert_eq(strlen(conf.data), CONF_PATH_MAX - 1);

	strcpy(text, "listen plain unix:");
	for (i = 0; i < 108; i++)
		strcat(text, "y");
	refused(text, 1);

	text[0] = '\0';
	for (i = 0; i < CONF_LISTEN_MAX + 1; i++)
		strcat(text, "listen plain 127.0.0.1:0\n");
	refused(text, CONF_LISTEN_MAX + 1);
	text[0] = '\0';
	for (i = 0; i < CONF_KEYSET_MAX + 1; i++)
		strcat(text, "keyset /k\n");
	refused(text, CONF_KEYSET_MAX + 1);
}

Test(conf, no_truncation_of_a_good_file_is_misread)
{
	const char text[] = "data /d\nlisten plain unix:/s\nbatch 16\n";
	size_t n;

	for (n = 0; n < sizeof(text); n++)
		if (conf_parse(&conf, rd_from(text, n), &line, &why) == 0)
			cr_assert(conf.nlisten == 1 && conf.data[0] == '/');
}

/* --- witnesses ------------------------------------------------------------- */

#define KEY1 "witness.example/w1+df1c0a35+" \
	"BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
#define LOGKEY "drop.example/log1+75a7ca5b+" \
	"AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"

Test(conf, a_witness_is_a_url_and_a_key)
{
	cr_assert_eq(parse(LEAST "witness https://w.example:8443/a/ " KEY1
	    "\nquorum 1\nwitness-seconds 5\nwitness-socket /run/w\n"
	    "witness-cacert /ca\n"), 0);
	cr_assert_eq(conf.nwitness, 1);
	cr_assert_str_eq(conf.witness[0].url, "https://w.example:8443/a");
	cr_assert_str_eq(conf.witness[0].key.name, "witness.example/w1");
	cr_assert_eq(conf.quorum, 1);
	cr_assert_eq(conf.witness_seconds, 5);
	cr_assert_str_eq(conf.witness_socket, "/run/w");
	cr_assert_str_eq(conf.witness_cacert, "/ca");
	cr_assert_eq(parse(LEAST), 0);
	cr_assert_eq(conf.nwitness + conf.quorum, 0);
	cr_assert_eq(conf.witness_seconds, 30);
}

Test(conf, a_url_is_plainly_one)
{
	static const char *const good[] = { "https://w", "https://w:1/x",
	    "https://[2001:db8::1]:443/", "http://127.0.0.1:80/w",
	    "http://[::1]/w", "https://192.0.2.1" };
	static const char *const bad[] = { "https://", "w.example",
	    "ftp://w", "http://w", "http://localhost/", "http://192.0.2.1/",
	    "https:///w", "https://w:0", "https://w:65536", "https://w:",
	    "https://a@w", "https://w/?q", "https://w/#f", "https://w\\x",
	    "HTTPS://w", "https://:1" };
	char text[1024];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(text, sizeof(text), LEAST "witness %s " KEY1
		    "\n", good[i]);
		cr_assert_eq(parse(text), 0, "%s", good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), LEAST "witness %s " KEY1
		    "\n", bad[i]);
		refused(text, 3);
	}
}

Test(conf, one_witness_is_not_two_and_a_quorum_is_of_those_there_are)
{
	refused(LEAST "witness https://w " KEY1 "\nwitness https://v " KEY1
	    "\n", 4);
	refused(LEAST "witness https://w " LOGKEY "\n", 3);
	refused(LEAST "witness https://w\n", 3);
	refused(LEAST "witness https://w " KEY1 " more\n", 3);
	refused(LEAST "quorum 1\n", 0);
	refused(LEAST "witness https://w " KEY1 "\nquorum 2\n", 0);
}
