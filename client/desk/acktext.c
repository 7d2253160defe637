/* SPDX-License-Identifier: ISC */
/*
 * acktext.c - the words of the automatic acknowledgement.
 *
 * Templates name the case as {case} and days as {ack}, {feedback} and
 * {review}; nothing else in them is special.
 */
#include <string.h>

#include "client/common/deadline.h"
#include "client/common/domain.h"
#include "client/desk/acktext.h"
#include "crypto/keyset.h"

#define FOLLOWUP	"follow-up"
#define ALTERNATE	"alternate"	/* whatever it is, to that role */
#define ALTERNATE_MORE	"alternate follow-up"

struct row {
	const char *code;
	const char *text[LANGS];
};

/* The first row is for what is not in the table. */
static const struct row rows[] = {
	{ "misconduct", {
	[LANG_EN] = "Your report has reached the office. Its reference is "
	    "{case}.\n\nWhat happens next: an ethics officer reads it and "
	    "writes to you here by {ack}. The officer looks whether the matter "
	    "is within the office's mandate and who has to deal with it. By "
	    "{feedback} you hear what has been done.",
	[LANG_FR] = "Votre signalement est arrivé au bureau. Sa référence est "
	    "{case}.\n\nLa suite : une personne du bureau le lit et vous écrit "
	    "ici au plus tard le {ack}. Elle examine si l'affaire relève du "
	    "mandat du bureau et qui doit s'en charger. Au plus tard le "
	    "{feedback}, vous saurez ce qui a été fait.",
	[LANG_ES] = "Su denuncia ha llegado a la oficina. Su referencia es "
	    "{case}.\n\nQué pasa ahora: una persona de la oficina la lee y le "
	    "escribe aquí a más tardar el {ack}. Examina si el asunto es "
	    "competencia de la oficina y quién debe ocuparse de él. A más "
	    "tardar el {feedback} sabrá qué se ha hecho.",
	[LANG_AR] = "وصل بلاغك إلى المكتب. رقمه المرجعي {case}.\n\nما يلي: "
	    "يقرؤه "
	    "أحد مسؤولي الأخلاقيات ويكتب إليك هنا في موعد أقصاه {ack}. وينظر "
	    "المسؤول فيما إذا كان الأمر من اختصاص المكتب ومن يتولاه. وفي موعد "
	    "أقصاه {feedback} ستعلم بما تم.",
	[LANG_ZH] = "您的举报已送达本办公室，编号为 {case}。\n\n接下来：道德事务官员"
	    "会阅读它，并最迟于 {ack} 在此给您回信。官员会判断此事是否属于本办公室的"
	    "职责，以及应由谁处理。最迟于 {feedback}，您会得知处理情况。" } },
	{ "retaliation", {
	[LANG_EN] = "Your request for protection against retaliation has "
	    "reached the office. Its reference is {case}.\n\nWhat happens "
	    "next: an ethics officer reads it and writes to you here by {ack}, "
	    "also to ask for what is missing. The preliminary review takes at "
	    "most 30 days from the day on which the information is complete; "
	    "if it is complete now, until {review}. By {feedback} at the "
	    "latest you hear how it stands.",
	[LANG_FR] = "Votre demande de protection contre des représailles est "
	    "arrivée au bureau. Sa référence est {case}.\n\nLa suite : une "
	    "personne du bureau la lit et vous écrit ici au plus tard le "
	    "{ack}, aussi pour demander ce qui manque. L'examen préliminaire "
	    "dure au plus 30 jours à compter du jour où les informations sont "
	    "complètes ; si elles le sont déjà, jusqu'au {review}. Au plus "
	    "tard le {feedback}, vous saurez où en est l'affaire.",
	[LANG_ES] = "Su solicitud de protección contra represalias ha llegado "
	    "a la oficina. Su referencia es {case}.\n\nQué pasa ahora: una "
	    "persona de la oficina la lee y le escribe aquí a más tardar el "
	    "{ack}, también para pedir lo que falte. El examen preliminar dura "
	    "como máximo 30 días desde el día en que la información está "
	    "completa; si ya lo está, hasta el {review}. A más tardar el "
	    "{feedback} sabrá cómo va el asunto.",
	[LANG_AR] = "وصل طلبك للحماية من الانتقام إلى المكتب. رقمه المرجعي "
	    "{case}.\n\nما يلي: يقرؤه أحد مسؤولي الأخلاقيات ويكتب إليك هنا في "
	    "موعد أقصاه {ack}، وليطلب أيضا ما ينقص. ويستغرق الاستعراض الأولي "
	    "30 يوما على الأكثر من يوم اكتمال المعلومات؛ فإن كانت مكتملة الآن "
	    "فحتى {review}. وفي موعد أقصاه {feedback} ستعلم بما آل إليه الأمر.",
	[LANG_ZH] = "您的免受报复保护申请已送达本办公室，编号为 {case}。\n\n接下来："
	    "道德事务官员会阅读它，并最迟于 {ack} 在此给您回信，也会询问所缺的信息。"
	    "初步审查自信息齐全之日起最多 30 天；如果现在已经齐全，则到 {review} 为止。"
	    "最迟于 {feedback}，您会得知进展。" } },
	{ "advice", {
	[LANG_EN] = "Your question has reached the office. Its reference is "
	    "{case}.\n\nWhat happens next: an ethics officer reads it and "
	    "answers you here by {ack}, or says by then when the answer can "
	    "come. You have it by {feedback} at the latest.",
	[LANG_FR] = "Votre question est arrivée au bureau. Sa référence est "
	    "{case}.\n\nLa suite : une personne du bureau la lit et vous "
	    "répond ici au plus tard le {ack}, ou vous dit d'ici là quand la "
	    "réponse pourra venir. Vous l'aurez au plus tard le {feedback}.",
	[LANG_ES] = "Su pregunta ha llegado a la oficina. Su referencia es "
	    "{case}.\n\nQué pasa ahora: una persona de la oficina la lee y le "
	    "responde aquí a más tardar el {ack}, o le dice hasta entonces "
	    "cuándo podrá llegar la respuesta. La tendrá a más tardar el "
	    "{feedback}.",
	[LANG_AR] = "وصل سؤالك إلى المكتب. رقمه المرجعي {case}.\n\nما يلي: "
	    "يقرؤه "
	    "أحد مسؤولي الأخلاقيات ويجيبك هنا في موعد أقصاه {ack}، أو يخبرك "
	    "حتى ذلك الحين متى يمكن أن يأتي الجواب. وسيكون لديك في موعد أقصاه "
	    "{feedback}.",
	[LANG_ZH] = "您的问题已送达本办公室，编号为 {case}。\n\n接下来：道德事务官员"
	    "会阅读它，并最迟于 {ack} 在此答复您，或届时告知何时能够答复。最迟于 "
	    "{feedback}，您会得到答复。" } },
	{ "meeting", {
	[LANG_EN] = "Your report on conduct at a meeting has reached the "
	    "office. Its reference is {case}.\n\nWhat happens next: an ethics "
	    "officer reads it and writes to you here by {ack}. Where the "
	    "matter is for the meeting itself, the officer turns to whoever "
	    "presides over it. By {feedback} you hear what has been done.",
	[LANG_FR] = "Votre signalement sur un comportement lors d'une réunion "
	    "est arrivé au bureau. Sa référence est {case}.\n\nLa suite : une "
	    "personne du bureau le lit et vous écrit ici au plus tard le "
	    "{ack}. Si l'affaire relève de la réunion elle-même, elle "
	    "s'adresse à la personne qui la préside. Au plus tard le "
	    "{feedback}, vous saurez ce qui a été fait.",
	[LANG_ES] = "Su denuncia sobre una conducta en una reunión ha llegado "
	    "a la oficina. Su referencia es {case}.\n\nQué pasa ahora: una "
	    "persona de la oficina la lee y le escribe aquí a más tardar el "
	    "{ack}. Si el asunto corresponde a la propia reunión, se dirige a "
	    "quien la preside. A más tardar el {feedback} sabrá qué se ha "
	    "hecho.",
	[LANG_AR] = "وصل بلاغك عن سلوك في اجتماع إلى المكتب. رقمه المرجعي "
	    "{case}.\n\nما يلي: يقرؤه أحد مسؤولي الأخلاقيات ويكتب إليك هنا في "
	    "موعد أقصاه {ack}. وإذا كان الأمر يخص الاجتماع نفسه فإنه يتوجه إلى "
	    "من يرأسه. وفي موعد أقصاه {feedback} ستعلم بما تم.",
	[LANG_ZH] = "您关于会议行为的举报已送达本办公室，编号为 {case}。\n\n接下来："
	    "道德事务官员会阅读它，并最迟于 {ack} 在此给您回信。如果此事应由会议本身"
	    "处理，官员会与会议主持人联系。最迟于 {feedback}，您会得知处理情况。" } },
	{ FOLLOWUP, {
	[LANG_EN] = "What you have added has reached the office and lies with "
	    "{case}.\n\nWhat happens next: an ethics officer reads it together "
	    "with what you wrote before and, where it needs an answer, writes "
	    "to you here by {ack}.",
	[LANG_FR] = "Ce que vous avez ajouté est arrivé au bureau et a été "
	    "joint à {case}.\n\nLa suite : une personne du bureau le lit avec "
	    "ce que vous aviez écrit et, si une réponse est nécessaire, vous "
	    "écrit ici au plus tard le {ack}.",
	[LANG_ES] = "Lo que ha añadido ha llegado a la oficina y está con "
	    "{case}.\n\nQué pasa ahora: una persona de la oficina lo lee junto "
	    "con lo que escribió antes y, si necesita respuesta, le escribe "
	    "aquí a más tardar el {ack}.",
	[LANG_AR] = "وصل ما أضفته إلى المكتب وضم إلى {case}.\n\nما يلي: يقرؤه "
	    "أحد "
	    "مسؤولي الأخلاقيات مع ما كتبته من قبل، وإذا كان يحتاج إلى جواب كتب "
	    "إليك هنا في موعد أقصاه {ack}.",
	[LANG_ZH] = "您补充的内容已送达本办公室，并归入 {case}。\n\n接下来：道德事务"
	    "官员会将其与您之前所写一并阅读；如需答复，最迟于 {ack} 在此给您回信。" } },
	{ ALTERNATE, {
	[LANG_EN] = "Your report has reached the alternate, who deals with "
	    "what concerns the office itself. The office can neither read it "
	    "nor see that it exists. Its reference is {case}.\n\nWhat happens "
	    "next: the alternate reads it and writes to you here by {ack}. By "
	    "{feedback} you hear what has been done.",
	[LANG_FR] = "Votre signalement est arrivé à l'instance suppléante, qui "
	    "traite ce qui concerne le bureau lui-même. Le bureau ne peut ni "
	    "le lire ni savoir qu'il existe. Sa référence est {case}.\n\nLa "
	    "suite : l'instance suppléante le lit et vous écrit ici au plus "
	    "tard le {ack}. Au plus tard le {feedback}, vous saurez ce qui a "
	    "été fait.",
	[LANG_ES] = "Su denuncia ha llegado a la instancia suplente, que se "
	    "ocupa de lo que concierne a la propia oficina. La oficina no "
	    "puede leerla ni saber que existe. Su referencia es {case}.\n\nQué "
	    "pasa ahora: la instancia suplente la lee y le escribe aquí a más "
	    "tardar el {ack}. A más tardar el {feedback} sabrá qué se ha "
	    "hecho.",
	[LANG_AR] = "وصل بلاغك إلى الجهة البديلة التي تتولى ما يخص المكتب "
	    "نفسه. "
	    "ولا يستطيع المكتب قراءته ولا معرفة وجوده. رقمه المرجعي {case}.\n\n"
	    "ما يلي: تقرؤه الجهة البديلة وتكتب إليك هنا في موعد أقصاه {ack}. "
	    "وفي موعد أقصاه {feedback} ستعلم بما تم.",
	[LANG_ZH] = "您的举报已送达替代受理人，其专门处理涉及本办公室自身的事项。本"
	    "办公室既无法阅读，也无从得知其存在。编号为 {case}。\n\n接下来：替代受理"
	    "人会阅读它，并最迟于 {ack} 在此给您回信。最迟于 {feedback}，您会得知处理"
	    "情况。" } },
	{ ALTERNATE_MORE, {
	[LANG_EN] = "What you have added has reached the alternate and lies "
	    "with {case}. The office can neither read it nor see that it "
	    "exists.\n\nWhat happens next: the alternate reads it together "
	    "with what you wrote before and, where it needs an answer, writes "
	    "to you here by {ack}.",
	[LANG_FR] = "Ce que vous avez ajouté est arrivé à l'instance "
	    "suppléante et a été joint à {case}. Le bureau ne peut ni le lire "
	    "ni savoir qu'il existe.\n\nLa suite : l'instance suppléante le "
	    "lit avec ce que vous aviez écrit et, si une réponse est "
	    "nécessaire, vous écrit ici au plus tard le {ack}.",
	[LANG_ES] = "Lo que ha añadido ha llegado a la instancia suplente y "
	    "está con {case}. La oficina no puede leerlo ni saber que "
	    "existe.\n\nQué pasa ahora: la instancia suplente lo lee junto con "
	    "lo que escribió antes y, si necesita respuesta, le escribe aquí a "
	    "más tardar el {ack}.",
	[LANG_AR] = "وصل ما أضفته إلى الجهة البديلة وضم إلى {case}. ولا يستطيع "
	    "المكتب قراءته ولا معرفة وجوده.\n\nما يلي: تقرؤه الجهة البديلة مع "
	    "ما كتبته من قبل، وإذا كان يحتاج إلى جواب كتبت إليك هنا في موعد "
	    "أقصاه {ack}.",
	[LANG_ZH] = "您补充的内容已送达替代受理人，并归入 {case}。本办公室既无法阅读，"
	    "也无从得知其存在。\n\n接下来：替代受理人会将其与您之前所写一并阅读；如需"
	    "答复，最迟于 {ack} 在此给您回信。" } },
};

/* What every one of them ends with. */
static const char *const keep[LANGS] = {
	[LANG_EN] = "Your codename is the only way to read our answers and to "
	    "add something; nobody can restore it. Do not put yourself at "
	    "risk to collect evidence.",
	[LANG_FR] = "Votre nom de code est le seul moyen de lire nos réponses "
	    "et d'ajouter quelque chose ; personne ne peut le retrouver pour "
	    "vous. Ne vous mettez pas en danger pour réunir des preuves.",
	[LANG_ES] = "Su nombre en clave es la única manera de leer nuestras "
	    "respuestas y de añadir algo; nadie puede recuperarlo. No se ponga "
	    "en peligro para reunir pruebas.",
	[LANG_AR] = "اسمك السري هو الطريق الوحيد لقراءة أجوبتنا ولإضافة شيء؛ "
	    "ولا "
	    "يستطيع أحد استعادته. لا تعرض نفسك للخطر لجمع الأدلة.",
	[LANG_ZH] = ("您的代号是阅读我们的答复和补充内容的唯一途径，任何人都无法将其"
	    "找回。请不要为了收集证据而使自己面临风险。"),
};

/* Where the first of the days has passed. */
static const char *const late[LANGS] = {
	[LANG_EN] = "This acknowledgement is late: {ack} has passed. We are "
	    "sorry; what you sent is not lost.",
	[LANG_FR] = "Cet accusé de réception arrive tard : la date du {ack} "
	    "est passée. Nous le regrettons ; rien de ce que vous avez envoyé "
	    "n'est perdu.",
	[LANG_ES] = "Este acuse de recibo llega tarde: la fecha del {ack} ya "
	    "pasó. Lo sentimos; lo que envió no se ha perdido.",
	[LANG_AR] = "هذا الإشعار متأخر: فقد مضى {ack}. نأسف لذلك؛ ولم يضع شيء "
	    "مما "
	    "أرسلته.",
	[LANG_ZH] = "本确认函迟到了：{ack} 已过。我们深表歉意；您发送的内容没有丢失。",
};

static const char *const status[LANGS] = {
	[LANG_EN] = "received, not yet read",
	[LANG_FR] = "reçu, pas encore lu",
	[LANG_ES] = "recibido, aún no leído",
	[LANG_AR] = "تم الاستلام ولم يقرأ بعد",
	[LANG_ZH] = "已收到，尚未阅读",
};

static enum domain_lang
language(const struct acktext *a)
{
	const struct domain_table *t = &domain_language;
	size_t i;

	for (i = 0; i < t->n && i < LANGS; i++)
		if (strcmp(t->row[i].code, a->language) == 0)
			return (enum domain_lang)i;
	return LANG_EN;
}

static const struct row *
find_row(const struct acktext *a)
{
	const char *code = a->followup ? FOLLOWUP : a->submission;
	size_t i;

	if (a->alternate)
		code = a->followup ? ALTERNATE_MORE : ALTERNATE;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].code, code) == 0)
			return &rows[i];
	return &rows[0];
}

/* --- the days ---------------------------------------------------------- */

static int32_t
day_of(const struct acktext *a, const char *name, size_t n)
{
	if (n == 3 && memcmp(name, "ack", n) == 0)
		return deadline_day(DEADLINE_ACK, a->received);
	if (n == 6 && memcmp(name, "review", n) == 0)
		return deadline_day(DEADLINE_REVIEW, a->received);
	return deadline_feedback(a->received, a->today);
}

/* see acktext.h */
int32_t
acktext_next(const struct acktext *a)
{
	const int32_t ack = deadline_day(DEADLINE_ACK, a->received);

	if (ack >= a->today)
		return ack;
	return deadline_feedback(a->received, a->today);
}

/* --- writing ----------------------------------------------------------- */

static void
fill_in(struct wr *w, const struct acktext *a, const char *s)
{
	const char *end;

	while (*s != '\0') {
		if (*s != '{' || (end = strchr(s, '}')) == NULL) {
			wr_u8(w, (uint8_t)*s++);
			continue;
		}
		s++;
		if (strncmp(s, "case}", 5) == 0)
			wr_str(w, a->ref);
		else
			day_write(w, day_of(a, s, (size_t)(end - s)));
		s = end + 1;
	}
}

/* see acktext.h */
void
acktext_write(struct wr *w, const struct acktext *a)
{
	const enum domain_lang lang = language(a);

	fill_in(w, a, find_row(a)->text[lang]);
	if (deadline_day(DEADLINE_ACK, a->received) < a->today) {
		wr_str(w, "\n\n");
		fill_in(w, a, late[lang]);
	}
	wr_str(w, "\n\n");
	wr_str(w, keep[lang]);
}

/* see acktext.h */
const char *
acktext_status(const struct acktext *a)
{
	return status[language(a)];
}
