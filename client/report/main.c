/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecrdrop: seal a report on the reporter's own device and hand it
 * in, leaving nothing behind but twelve words.
 */
#include <stddef.h>

#include "client/common/program.h"
#include "client/report/cmd.h"

static const char usage[] =
    "usage: ecrdrop report -s URL -k OFFICE.vkey [-f REPORT.json] [-a FILE]...\n"
    "                      [--strip [--keep-metadata]] [--receipt FILE]\n"
    "                      [--proof FILE] [--language en|fr] [--json] [-q]\n"
    "                      [--cacert FILE] [--proxy socks5h://...]\n"
    "       ecrdrop check  -s URL -k OFFICE.vkey [--codename-file FILE]\n"
    "                      [--json] [-q] [--cacert FILE] [--proxy ...]\n"
    "       ecrdrop follow-up -s URL -k OFFICE.vkey [--codename-file FILE]\n"
    "                      [-f FILE] [-a FILE]... and the rest as for "
    "report\n"
    "       ecrdrop prove  -s URL -k OFFICE.vkey [--receipt FILE] [--json] [-q]\n"
    "                      [--cacert FILE] [--proxy ...] FILE.ecrproof\n"
    "\n"
    "  report     seal a report to the office and hand it in; without -f "
    "it asks\n"
    "             for the report on the terminal, question by question\n"
    "  check      fetch what everybody fetches, and show the answers to "
    "your\n"
    "             codename\n"
    "  follow-up  add to an earlier report, with its codename\n"
    "  prove      check a file of --proof, and add the log's part to it\n"
    "             once the epoch has closed; exits 75 before that\n"
    "\n"
    "  -s, --server URL      https://HOST[:PORT]\n"
    "  -k, --office FILE     the office's keys, from a source you trust\n"
    "  -f, --file FILE       the report as JSON; '-' reads standard input\n"
    "  -a, --attach FILE     attach a file; may be given many times\n"
    "      --strip           send copies of attachments without metadata;\n"
    "                        what cannot be stripped is named, not sent\n"
    "      --keep-metadata   with --strip: send that as it is, too\n"
    "      --receipt FILE    save the receipts; holding them can give you "
    "away\n"
    "      --proof FILE      keep a proof of what was sent, to show to "
    "others;\n"
    "                        whoever holds it can read all of it\n"
    "      --codename-file FILE\n"
    "                        read the twelve words from FILE; else they "
    "come from\n"
    "                        standard input, or the terminal\n"
    "      --language en|fr  of the questions; else as LANG says\n"
    "      --cacert FILE     trust the certificates in FILE (PEM) alone\n"
    "      --proxy URL       socks5h:// on this machine, such as Tor's\n"
    "      --json            print the result as JSON\n"
    "  -q, --quiet           no progress, no talk\n"
    "  -h, --help            this text;  --version\n";

static const struct opts_option options[] = {
	{ "server", 's', "URL", false },
	{ "office", 'k', "FILE", false },
	{ "file", 'f', "FILE", false },
	{ "attach", 'a', "FILE", true },
	{ "strip", 0, NULL, false },
	{ "keep-metadata", 0, NULL, false },
	{ "receipt", 0, "FILE", false },
	{ "proof", 0, "FILE", false },
	{ "codename-file", 0, "FILE", false },
	{ "language", 0, "CODE", false },
	{ "cacert", 0, "FILE", false },
	{ "proxy", 0, "URL", false },
	{ "json", 0, NULL, false },
	{ "quiet", 'q', NULL, false },
	{ NULL, 0, NULL, false }
};

static const struct program_command commands[] = {
	{ "report", cmd_report },
	{ "check", cmd_check },
	{ "follow-up", cmd_followup },
	{ "prove", cmd_prove },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecrdrop", usage, options, commands };

	return program_run(&p, argc, argv);
}
