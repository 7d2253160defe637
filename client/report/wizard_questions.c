/* SPDX-License-Identifier: ISC */
/*
 * wizard_questions.c - what a reporter is asked, in this order.
 *
 * One idea a question, in words that need no lawyer.  Another language is
 * another column.
 */
#include "client/report/wizard_int.h"

#define END	{ NULL, NULL, WIZ_LINE, NULL, false, false, NULL, \
	{ NULL, NULL }, { NULL, NULL } }

static const struct wiz_question person[] = {
	{ NULL, "name", WIZ_LINE, NULL, false, false, NULL,
	    { "Name", "Nom" }, { NULL, NULL } },
	{ NULL, "role", WIZ_LINE, NULL, false, false, NULL,
	    { "Role", "Fonction" },
	    { "What is this person's role or function?",
	    "Quelle est la fonction de cette personne ?" } },
	{ NULL, "unit", WIZ_LINE, NULL, false, false, NULL,
	    { "Unit", "Service" },
	    { "In which unit, or for which company?",
	    "Dans quel service, ou pour quelle entreprise ?" } },
	END
};

static const struct wiz_question before[] = {
	{ NULL, "to", WIZ_LINE, NULL, false, false, NULL,
	    { "To whom", "À qui" }, { NULL, NULL } },
	{ NULL, "when", WIZ_DATE, NULL, false, false, NULL,
	    { "When", "Quand" },
	    { "When did you tell them?", "Quand l'avez-vous dit ?" } },
	{ NULL, "outcome", WIZ_LINE, NULL, false, false, NULL,
	    { "What came of it", "Suite donnée" },
	    { "What came of it?", "Qu'en est-il sorti ?" } },
	END
};

static const struct wiz_question act[] = {
	{ NULL, "code", WIZ_CHOICE, &domain_act, false, false, NULL,
	    { "Kind", "Nature" }, { NULL, NULL } },
	{ NULL, "what", WIZ_TEXT, NULL, false, false, NULL,
	    { "What", "Quoi" },
	    { "What was done, or threatened?",
	    "Qu'a-t-on fait, ou menacé de faire ?" } },
	{ NULL, "when", WIZ_DATE, NULL, false, false, NULL,
	    { "When", "Quand" }, { "When was that?", "Quand était-ce ?" } },
	{ NULL, "by", WIZ_LINE, NULL, false, false, NULL,
	    { "By whom", "Par qui" },
	    { "Who did it?", "Qui l'a fait ?" } },
	{ NULL, "evidence", WIZ_LINE, NULL, false, false, NULL,
	    { "What shows it", "Ce qui le montre" },
	    { "What shows it? Only what you have already, or can get without "
	    "risk.",
	    "Qu'est-ce qui le montre ? Seulement ce que vous avez déjà, ou "
	    "obtenez\nsans risque." } },
	END
};

static const struct wiz_question witness[] = {
	{ NULL, "name", WIZ_LINE, NULL, false, false, NULL,
	    { "Name", "Nom" }, { NULL, NULL } },
	{ NULL, "may_contact", WIZ_CHOICE, &domain_tristate, false, false,
	    NULL, { "May be contacted", "Peut être contacté" },
	    { "May the office contact this person?",
	    "Le bureau peut-il contacter cette personne ?" } },
	END
};

static const struct wiz_question excluded[] = {
	{ NULL, "name", WIZ_LINE, NULL, false, false, NULL,
	    { "Name", "Nom" }, { NULL, NULL } },
	END
};

/* Asked of everybody. */
#define ASK_AT_RISK \
	{ NULL, "at_risk", WIZ_CHOICE, &domain_tristate, false, false, NULL, \
	    { "You are at risk", "Vous êtes en danger" }, \
	    { "Are you at risk because of this?", \
	    "Êtes-vous en danger à cause de cela ?" } }
#define ASK_FILES \
	{ NULL, "attachments", WIZ_FILES, NULL, false, false, NULL, \
	    { "Attachments", "Pièces jointes" }, \
	    { "Do you want to attach files that you have already?\n" \
	    "Do not go and collect any where that could put you at risk.", \
	    "Voulez-vous joindre des fichiers que vous avez déjà ?\n" \
	    "N'allez pas en chercher si cela peut vous mettre en danger." } }

const struct wiz_question wiz_questions[] = {
	{ NULL, "submission", WIZ_CHOICE, &domain_submission, true, false,
	    NULL, { "Kind of message", "Nature du message" },
	    { "What do you want to hand in?",
	    "Que voulez-vous transmettre ?" } },
	{ NULL, "category", WIZ_CHOICE, &domain_category, false, false, NULL,
	    { "What it is about", "Sujet" },
	    { "Which of these comes closest?",
	    "Qu'est-ce qui s'en rapproche le plus ?" } },
	{ NULL, "text", WIZ_TEXT, NULL, true, false, NULL,
	    { "What happened", "Les faits" },
	    { "What happened? Tell it in your own words, in any language.\n"
	    "Leave out what only you can know, if you do not want to be "
	    "recognised.",
	    "Que s'est-il passé ? Racontez-le avec vos mots, dans la langue "
	    "de votre\nchoix. Laissez de côté ce que vous seul pouvez savoir, "
	    "si vous ne voulez\npas être reconnu." } },
	{ "when", "from", WIZ_DATE, NULL, false, false, NULL,
	    { "It began", "Début" },
	    { "When did it happen, or begin?",
	    "Quand cela s'est-il passé, ou a-t-il commencé ?" } },
	{ "when", "to", WIZ_DATE, NULL, false, false, NULL,
	    { "It ended", "Fin" },
	    { "When did it end?", "Quand cela a-t-il pris fin ?" } },
	{ "when", "ongoing", WIZ_CHOICE, &domain_tristate, false, false, NULL,
	    { "Still going on", "Dure encore" },
	    { "Is it still going on?", "Est-ce que cela dure encore ?" } },
	{ NULL, "where", WIZ_PLACE, &domain_station, false, false, NULL,
	    { "Where", "Où" },
	    { "Where did it happen? Skip this if you prefer not to say.",
	    "Où cela s'est-il passé ? Passez si vous préférez ne pas le "
	    "dire." } },
	{ NULL, "persons", WIZ_LIST, NULL, false, false, person,
	    { "Who is concerned", "Personnes concernées" },
	    { "Whom is it about? Type one name, or a description.",
	    "De qui s'agit-il ? Tapez un nom, ou une description." } },
	{ NULL, "known_by", WIZ_SEVERAL, &domain_known_by, false, false, NULL,
	    { "How you know", "Comment vous le savez" },
	    { "How do you know?", "Comment le savez-vous ?" } },
	{ NULL, "reported_before", WIZ_LIST, NULL, false, false, before,
	    { "Reported before", "Déjà signalé" },
	    { "Have you told somebody already? Type whom.",
	    "L'avez-vous déjà dit à quelqu'un ? Tapez à qui." } },
	{ NULL, "managers_involved", WIZ_CHOICE, &domain_tristate, false,
	    false, NULL, { "Managers involved", "Hiérarchie impliquée" },
	    { "Are managers involved?",
	    "Des responsables hiérarchiques sont-ils impliqués ?" } },
	ASK_AT_RISK,
	{ NULL, "relation", WIZ_CHOICE, &domain_relation, false, false, NULL,
	    { "You and the organisation", "Vous et l'organisation" },
	    { "What are you to the organisation?",
	    "Quel est votre lien avec l'organisation ?" } },
	/* retaliation alone */
	{ "retaliation", "activity", WIZ_CHOICE, &domain_activity, false,
	    true, NULL, { "What you did", "Ce que vous aviez fait" },
	    { "What did you do, for which you are being punished?",
	    "Qu'aviez-vous fait, pour quoi on vous punit ?" } },
	{ "retaliation", "activity_what", WIZ_TEXT, NULL, false, true, NULL,
	    { "About what", "À quel sujet" },
	    { "What did you report, or with which audit or investigation did "
	    "you\ncooperate, and as what?",
	    "Qu'avez-vous signalé, ou à quel audit ou quelle enquête "
	    "avez-vous coopéré,\net à quel titre ?" } },
	{ "retaliation", "activity_to", WIZ_LINE, NULL, false, true, NULL,
	    { "To whom", "À qui" },
	    { "To whom did you report it? (the channel or office, not a "
	    "colleague)",
	    "À qui l'avez-vous signalé ? (la voie ou le bureau, pas un "
	    "collègue)" } },
	{ "retaliation", "activity_when", WIZ_DATE, NULL, false, true, NULL,
	    { "When that was", "Quand" },
	    { "When was that?", "Quand était-ce ?" } },
	{ "retaliation", "acts", WIZ_LIST, NULL, false, true, act,
	    { "What was done to you", "Ce que vous avez subi" },
	    { "What has been done to you, or threatened? Take them one by "
	    "one.",
	    "Que vous a-t-on fait, ou de quoi vous menace-t-on ? Un acte à "
	    "la fois." } },
	{ "retaliation", "link", WIZ_TEXT, NULL, false, true, NULL,
	    { "Why the two are linked", "Le lien entre les deux" },
	    { "What makes you think that the one came because of the other?",
	    "Qu'est-ce qui vous fait penser que l'un découle de l'autre ?" } },
	{ "retaliation", "tried", WIZ_TEXT, NULL, false, true, NULL,
	    { "What you have tried", "Ce que vous avez tenté" },
	    { "What have you tried against it?",
	    "Qu'avez-vous tenté pour y remédier ?" } },
	{ "retaliation", "protection", WIZ_TEXT, NULL, false, true, NULL,
	    { "Protection you ask for", "Protection demandée" },
	    { "Which protection do you ask for?",
	    "Quelle protection demandez-vous ?" } },
	{ "retaliation", "witnesses", WIZ_LIST, NULL, false, true, witness,
	    { "Witnesses", "Témoins" },
	    { "Who has seen or heard it? Type one name.",
	    "Qui l'a vu ou entendu ? Tapez un nom." } },
	/* everyone again */
	ASK_FILES,
	{ NULL, "language", WIZ_CHOICE, &domain_language, false, false, NULL,
	    { "Language of the answer", "Langue de la réponse" },
	    { "In which language shall the office answer?",
	    "Dans quelle langue le bureau doit-il répondre ?" } },
	{ NULL, "exclude", WIZ_LIST, NULL, false, false, excluded,
	    { "Must not see this", "Ne doit pas le voir" },
	    { "Who must not see this? Type the name of an officer who is "
	    "concerned,\nor close to somebody who is.",
	    "Qui ne doit pas voir ceci ? Tapez le nom d'un membre du bureau "
	    "qui est\nconcerné, ou proche d'une personne concernée." } },
	{ NULL, "exclude_office", WIZ_YESNO, NULL, false, false, NULL,
	    { "About the office itself", "Concerne le bureau lui-même" },
	    { "Is it about the ethics office itself? Then it is sealed so "
	    "that the office\ncannot open it, only the person named to read "
	    "such reports in its place.",
	    "Est-ce que cela concerne le bureau d'éthique lui-même ? Le "
	    "message est alors\nscellé de sorte que le bureau ne puisse pas "
	    "l'ouvrir, mais seulement la\npersonne désignée pour lire de tels "
	    "messages à sa place." } },
	END
};

const struct wiz_question wiz_followup_questions[] = {
	{ NULL, "text", WIZ_TEXT, NULL, true, false, NULL,
	    { "Your message", "Votre message" },
	    { "What do you want to tell the office, or answer?\n"
	    "Leave out what only you can know, if you do not want to be "
	    "recognised.",
	    "Que voulez-vous dire au bureau, ou lui répondre ?\n"
	    "Laissez de côté ce que vous seul pouvez savoir, si vous ne "
	    "voulez pas être\nreconnu." } },
	ASK_AT_RISK,
	ASK_FILES,
	END
};
