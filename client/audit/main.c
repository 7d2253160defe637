/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecraudit: checks that the log keeps every promise.
 *
 * It holds no secret but, where it was given one, a bearer token; it believes
 * only keys that the auditor got from people.
 */
#include <stddef.h>

#include "client/audit/cmd.h"
#include "client/common/program.h"

static const char usage[] =
    "usage: ecraudit verify [-l LOG.vkey] [-k OFFICE.vkey] [-w WITNESS.vkey]...\n"
    "                       [--quorum N] [--state FILE] [--evidence FILE]\n"
    "                       [-t TOKENFILE] [--parcels] [--all]\n"
    "                       [--watch] [--every SECONDS] [--tries N]\n"
    "                       [--erase-delay SECONDS]\n"
    "                       [--cacert FILE] [--proxy socks5h://...]\n"
    "                       [-q] [--json] URL|MIRROR\n"
    "       ecraudit receipt [-l LOG.vkey] [-k OFFICE.vkey] [--proof FILE] ...\n"
    "                       URL|MIRROR FILE\n"
    "       ecraudit evidence [-l LOG.vkey] [-w WITNESS.vkey]... [--quorum N]\n"
    "                       [--json] FILE\n"
    "       ecraudit proof -k OFFICE.vkey [-l LOG.vkey] [-w WITNESS.vkey]...\n"
    "                       [--quorum N] [--json] [URL|MIRROR] FILE.ecrproof\n"
    "       ecraudit act -k OFFICE.vkey -l LOG.vkey [--json] MIRROR FILE\n"
    "\n"
    "  verify   does the whole log hold, and does it extend what was seen at\n"
    "           the last visit?  Exits 0: it holds; 1: it does not\n"
    "  receipt  does the log honour the receipt in FILE?  Exits 0: it does, or\n"
    "           it is not yet due; 1: the promise is broken\n"
    "  evidence does a file of evidence show what it says?  Needs no network.\n"
    "           Exits 0: it does; 1: it does not, or only tells\n"
    "  proof    what does a reporter's proof of disclosure show?  Needs no\n"
    "           network.  Exits 0: it holds; 1: it does not\n"
    "  act      was this act of a desk written down before a statement of the\n"
    "           desk?  Needs no network.  Exits 0: it was; 1: not shown\n"
    "\n"
    "  -l, --log FILE        the log's verifier key\n"
    "  -k, --office FILE     the office's keys; its keyset names the log\n"
    "  -w, --witness FILE    a witness that must have cosigned\n"
    "      --quorum N        so many of the witnesses (all)\n"
    "      --state FILE      what was seen at the last visit; made, kept up\n"
    "      --evidence FILE   where to write what does not hold\n"
    "      --proof FILE      receipt: where to write the log's proof\n"
    "  -t, --token FILE      a bearer token: check every parcel, too\n"
    "      --parcels         check every parcel of a mirror\n"
    "      --all             begin with the first entry again\n"
    "      --watch           stay, and speak only when something is wrong\n"
    "      --every SECONDS   how often to look (300)\n"
    "      --erase-delay SECONDS  how long what the office lets go is kept\n"
    "                        (1209600: 14 days)\n"
    "      --tries N         ask N times before giving up (6)\n"
    "      --cacert FILE     trust the certificates in FILE (PEM) alone\n"
    "      --proxy URL       socks5h:// on this machine, such as Tor's\n"
    "      --json            print the result as JSON\n"
    "  -q, --quiet           no progress, no talk\n"
    "  -h, --help            this text;  --version\n";

static const struct opts_option options[] = {
	{ "log", 'l', "FILE", false },
	{ "office", 'k', "FILE", false },
	{ "witness", 'w', "FILE", true },
	{ "quorum", 0, "N", false },
	{ "state", 0, "FILE", false },
	{ "evidence", 0, "FILE", false },
	{ "proof", 0, "FILE", false },
	{ "token", 't', "FILE", false },
	{ "parcels", 0, NULL, false },
	{ "all", 0, NULL, false },
	{ "watch", 0, NULL, false },
	{ "every", 0, "SECONDS", false },
	{ "erase-delay", 0, "SECONDS", false },
	{ "tries", 0, "N", false },
	{ "cacert", 0, "FILE", false },
	{ "proxy", 0, "URL", false },
	{ "json", 0, NULL, false },
	{ "quiet", 'q', NULL, false },
	{ NULL, 0, NULL, false }
};

static const struct program_command commands[] = {
	{ "verify", cmd_verify },
	{ "receipt", cmd_receipt },
	{ "evidence", cmd_evidence },
	{ "proof", cmd_proof },
	{ "act", cmd_act },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecraudit", usage, options, commands };

	return program_run(&p, argc, argv);
}
