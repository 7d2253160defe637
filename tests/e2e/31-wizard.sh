#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The wizard on a real terminal: whole reports in two languages, and every
# way to leave it.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
play_start --epoch 2 --batch 4 --work 4
unset LC_ALL LC_MESSAGES LANG LANGUAGE

# talk CODE [NAME=VALUE...] - holds the dialogue of standard input
talk() {
	want=$1
	shift
	cat >"$TMP/script"
	got=0
	python3 "$here/talk.py" "$TMP/script" env "$@" ecrdrop report \
	    -s "$url" -k "$office" --cacert "$cacert" \
	    >"$TMP/seen" 2>"$TMP/err" </dev/null || got=$?
	[ $got -eq "$want" ] && return
	cat "$TMP/seen" "$TMP/err" >&2
	fail "exit code $got, not $want"
}

# --- misconduct: two files, an answer taken back, one changed in the review
printf '%%PDF-1.4 a letter\n' >"$TMP/our letter.pdf"
printf 'a note\n' >"$TMP/note.txt"
talk 0 <<END
Do not collect evidence at risk => 1
comes closest? => 7
What happened? => He took a watch.
>  => (Enter)
>  => And a second one: « deux ».
>  => .
When did it happen => 2026-10
When did it end? => <
When did it happen => 2026-13
like 2026, 2026-03 => 2026-09-30
When did it end? => (Enter)
still going on? => 2
Where did it happen? => 1
Whom is it about? => A. Person
role or function? => Head
In which unit => (Enter)
Another one? => (Enter)
How do you know? => 1,3
told somebody already? => (Enter)
Are managers involved? => 3
Are you at risk => 2
to the organisation? => 8
attach files => $TMP/our letter.pdf
type another:  => letter.pdf
File (Enter if no more):  => '$TMP/note.txt'
type another:  => (Enter)
File (Enter if no more):  => (Enter)
copies without such marks => 2
which language shall => 1
must not see this? => An Officer
Another one? => (Enter)
about the ethics office itself? => (Enter)
Type a number to change => 2
comes closest? => 3
Type a number to change => s
END
says 'may carry' "$TMP/seen"
says 'This is your codename' "$TMP/seen"

# --- for protection, in French
talk 0 LANG=fr_FR.UTF-8 <<END
Ne rassemblez pas de preuves => 2
rapproche le plus ? => 17
Que s'est-il passé ? => On me punit.
>  => .
ou a-t-il commencé ? => (Enter)
pris fin ? => (Enter)
dure encore ? => 1
Où cela => Dans un train
De qui s'agit-il ? => (Enter)
Comment le savez-vous ? => 1
à quelqu'un ? => (Enter)
impliqués ? => 1
en danger à cause => 1
adressez-vous à des gens => 1
pour quoi on vous punit ? => 1
ou à quel audit => Une fraude.
>  => .
À qui l'avez-vous => La ligne
Quand était-ce ? => 2026-03
Un acte à la fois. => 10
menacé de faire ? => Contrat non renouvelé
>  => .
Quand était-ce ? => 2026-06-01
Qui l'a fait ? => Le directeur
obtenez => La lettre
Un autre ? => (Enter)
découle de l'autre ? => Les dates.
>  => .
y remédier ? => (Enter)
demandez-vous ? => (Enter)
l'a vu ou entendu ? => Un témoin
contacter cette personne ? => 2
Un autre ? => (Enter)
joindre des fichiers => (Enter)
Dans quelle langue => 2
Qui ne doit pas voir => (Enter)
bureau d'éthique lui-même ? => 2
pour changer la réponse => e
END
says 'codename' "$TMP/seen"

# --- the ways out: nothing is sent, and the terminal is as it was
talk 64 <<END
What do you want to hand in? => 1
comes closest? => ^C
END
says 'nothing was sent' "$TMP/seen"
talk 64 <<END
What do you want to hand in? => ^D
END
says 'nothing was sent' "$TMP/seen"
talk 64 <<END
What do you want to hand in? => 3
comes closest? => (Enter)
What happened? => Never mind.
>  => .
When did it happen => ^C
END
says 'nothing was sent' "$TMP/seen"

# --- a line that a terminal cannot take is not half kept
long=$(head -c 5000 /dev/zero | tr '\0' x)
talk 64 <<END
What do you want to hand in? => 3
comes closest? => (Enter)
What happened? => $long
longer than a terminal => ^C
END

# --- about the office itself: this playground has no alternate
talk 64 <<END
What do you want to hand in? => 1
comes closest? => (Enter)
What happened? => x
>  => .
When did it happen => (Enter)
When did it end? => (Enter)
still going on? => (Enter)
Where did it happen? => (Enter)
Whom is it about? => (Enter)
How do you know? => (Enter)
told somebody already? => (Enter)
Are managers involved? => (Enter)
Are you at risk => (Enter)
to the organisation? => (Enter)
attach files => (Enter)
which language shall => (Enter)
must not see this? => (Enter)
about the ethics office itself? => 1
name nobody who could read => ^C
END
says 'nothing was sent' "$TMP/seen"

# --- who types is not disappointed at the end: the server is asked first
url_was=$url
url=https://localhost:1
talk 69 <<END
END
grep -q 'hand in' "$TMP/seen" && fail "asked although there is no server"
url=$url_was

# --- what the desk reads
desk() {
	ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}
cases=0
until [ "$cases" -eq 2 ]; do
	ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" "$TMP/mirror" || fail "fetch"
	expect 0 desk -q import "$TMP/mirror"
	expect 0 desk list --json
	cases=$(jq length "$TMP/out")
	[ "$cases" -le 2 ] || fail "something was sent that should not be"
done
for c in $(jq -r '.[].case' "$TMP/out"); do
	desk show "$c" --json | jq . >>"$TMP/shown" || fail "show $c"
done
for words in 'He took a watch.\n\nAnd a second one: « deux ».' \
    '2026-09-30' 'asset-recovery' 'A. Person' 'letter.pdf' 'An Officer' \
    'Dans un train' 'Une fraude.' 'Contrat non renouvelé' 'Un témoin'; do
	says "$words" "$TMP/shown"
done
play_stop
