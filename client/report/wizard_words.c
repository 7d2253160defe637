/* SPDX-License-Identifier: ISC */
/*
 * wizard_words.c - the words around the questions, one row a language.
 */
#include <string.h>

#include "client/report/wizard_int.h"

static const char *const words[WIZ_WORDS][WIZ_LANGS] = {
	[W_INTRO] = { "\n"
	    "What you say here is sealed on this machine so that only the "
	    "ethics office can\nread it. Nothing is sent before you have seen "
	    "it all again at the end, and\nnothing is kept here.\n"
	    "\n"
	    "You are not asked for your name. Only two answers are needed: "
	    "what kind of\nmessage it is, and what happened.\n"
	    "\n"
	    "Do not collect evidence at risk to yourself. You need no proof: "
	    "to look into it\nis the office's work, not yours.\n",
	    "\n"
	    "Ce que vous dites ici est scellé sur cette machine : seul le "
	    "bureau d'éthique\npourra le lire. Rien n'est envoyé avant que "
	    "vous ayez tout relu à la fin, et\nrien n'est conservé ici.\n"
	    "\n"
	    "On ne vous demande pas votre nom. Deux réponses suffisent : la "
	    "nature du\nmessage, et les faits.\n"
	    "\n"
	    "Ne rassemblez pas de preuves en prenant des risques. Vous n'avez "
	    "rien à\nprouver : vérifier est le travail du bureau, pas le "
	    "vôtre.\n" },
	[W_FOLLOWUP] = { "\n"
	    "What you write here joins your earlier report: only who reads "
	    "that can read this.\nNothing is sent before you have seen it "
	    "all again at the end, and nothing is\nkept here.\n",
	    "\n"
	    "Ce que vous écrivez ici rejoint votre premier message : seul "
	    "son lecteur pourra\nle lire. Rien n'est envoyé avant que vous "
	    "ayez tout relu à la fin, et rien n'est\nconservé ici.\n" },
	[W_RULES] = {
	    "Enter alone skips a question, < goes back to the one before, "
	    "Ctrl-C leaves.\n",
	    "Entrée seule passe la question, < revient à la précédente, "
	    "Ctrl-C quitte.\n" },
	[W_REQUIRED] = { "This answer is needed.\n",
	    "Cette réponse est nécessaire.\n" },
	[W_NUMBER] = { "Number: ", "Numéro : " },
	[W_NUMBERS] = { "One or more numbers: ",
	    "Un ou plusieurs numéros : " },
	[W_NUMBER_OR_TEXT] = { "Number, or the place: ",
	    "Numéro, ou le lieu : " },
	[W_TEXT_HOW] = {
	    "As many lines as you like; a line with only a full stop ends "
	    "it.\n",
	    "Autant de lignes que vous voulez ; une ligne avec un seul point "
	    "termine.\n" },
	[W_DATE_HOW] = { "Year, month or day (2026, 2026-03, 2026-03-14): ",
	    "Année, mois ou jour (2026, 2026-03, 2026-03-14) : " },
	[W_KEEP] = { "(Enter keeps your answer, - removes it)\n",
	    "(Entrée garde votre réponse, - la supprime)\n" },
	[W_MORE] = { "Another one? Enter if not.\n",
	    "Un autre ? Entrée sinon.\n" },
	[W_BAD_NUMBER] = { "Please type a number from the list.\n",
	    "Tapez un numéro de la liste.\n" },
	[W_BAD_DATE] = { "Please type it like 2026, 2026-03 or 2026-03-14.\n",
	    "Tapez-la comme 2026, 2026-03 ou 2026-03-14.\n" },
	[W_BAD_TEXT] = { "That line has characters that cannot be sent; "
	    "please type it again.\n",
	    "Cette ligne contient des caractères qui ne peuvent être envoyés "
	    "; retapez-la.\n" },
	[W_CUT_LINE] = { "That line is longer than a terminal can take, and "
	    "was not kept; please\ntype it again in shorter lines.\n",
	    "Cette ligne est trop longue pour un terminal et n'a pas été "
	    "gardée ;\nretapez-la en lignes plus courtes.\n" },
	[W_TOO_LONG] = { "That is longer than one answer can be; what came "
	    "after is not kept.\n",
	    "C'est plus long qu'une réponse ne peut l'être ; la suite n'est "
	    "pas gardée.\n" },
	[W_YES] = { "Yes", "Oui" },
	[W_NO] = { "No", "Non" },
	[W_FILES_HOW] = { "File (Enter if no more): ",
	    "Fichier (Entrée si aucun autre) : " },
	[W_FILE_NAME] = { "The office will see it under its name. Enter keeps "
	    "that, or type another: ",
	    "Le bureau le verra sous son nom. Entrée le garde, ou tapez-en "
	    "un autre : " },
	[W_FILE_BAD] = { "That file was not attached.\n",
	    "Ce fichier n'a pas été joint.\n" },
	[W_FILE_RISK] = { "Take care: besides what it shows, this file may "
	    "carry", "Attention : outre ce qu'il montre, ce fichier peut "
	    "révéler sans qu'on le\nvoie qui l'a fait, où, quand et avec quel "
	    "appareil" },
	[W_STRIP] = { "Shall copies without such marks be sent instead? You "
	    "are told if one cannot\nbe made.",
	    "Faut-il envoyer à la place des copies sans ces traces ? On vous "
	    "dira si une\ncopie est impossible." },
	[W_STRIP_YES] = { "copies without hidden marks are sent",
	    "des copies sans traces cachées sont envoyées" },
	[W_DANGER] = { "\nIf you are in danger now, turn to people near you "
	    "who can help at once: the\nsecurity service, or the emergency "
	    "services. This drop is not read day and night.\n",
	    "\nSi vous êtes en danger en ce moment, adressez-vous à des gens "
	    "proches qui peuvent\nvous aider tout de suite : la sécurité, ou "
	    "les secours. Ce message ne sera pas\nlu jour et nuit.\n" },
	[W_RETALIATION] = { "\nSome more questions, since you ask for "
	    "protection. If you saved a receipt of an\nearlier report, you "
	    "can attach it further down.\n",
	    "\nEncore quelques questions, puisque vous demandez une "
	    "protection. Si vous avez\ngardé le reçu d'un signalement "
	    "antérieur, vous pourrez le joindre plus bas.\n" },
	[W_REVIEW] = { "\nThis is what will be sent:\n\n",
	    "\nVoici ce qui sera envoyé :\n\n" },
	[W_NOT_ANSWERED] = { "-", "-" },
	[W_REVIEW_ASK] = { "\nType a number to change that answer, s to send, "
	    "q to leave without sending: ",
	    "\nTapez un numéro pour changer la réponse, e pour envoyer, q "
	    "pour quitter sans envoyer : " },
	[W_LEAVE_ASK] = { "Leave, and forget all that you typed? (y/n) ",
	    "Quitter, et oublier tout ce que vous avez tapé ? (o/n) " },
	[W_REFUSED] = { "It cannot be sent like this", "Impossible de "
	    "l'envoyer ainsi" },
	[W_NO_ALTERNATE] = { "This office's keys name nobody who could read "
	    "such a report in its place, so it\ncannot be handed in here "
	    "without the office seeing it. You can answer No, or\nleave with "
	    "Ctrl-C and turn to somebody else; nothing has been sent.\n",
	    "Les clés de ce bureau ne désignent personne qui puisse lire un "
	    "tel message à sa\nplace : il ne peut donc être remis ici sans que "
	    "le bureau le voie. Vous pouvez\nrépondre Non, ou quitter avec "
	    "Ctrl-C et vous adresser ailleurs ; rien n'a été\nenvoyé.\n" },
};

/* see wizard_int.h */
const char *
wiz_word(enum wiz_word w, enum domain_lang lang)
{
	return words[w][lang < WIZ_LANGS ? lang : LANG_EN];
}

/* see wizard_int.h */
enum domain_lang
wiz_language(const char *lc_all, const char *lc_messages, const char *lang)
{
	const char *l = lc_all;

	/* As setlocale(3) goes: the first that is set and not empty. */
	if (l == NULL || l[0] == '\0')
		l = lc_messages;
	if (l == NULL || l[0] == '\0')
		l = lang;
	if (l != NULL && strncmp(l, "fr", 2) == 0 &&
	    (l[2] == '\0' || l[2] == '_' || l[2] == '.' || l[2] == '@'))
		return LANG_FR;
	return LANG_EN;
}
