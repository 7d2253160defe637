/* SPDX-License-Identifier: ISC */
/*
 * domain.c - the office's tables.
 *
 * Codes are what messages carry and must never change their meaning; labels
 * are what people read, in English, French, Spanish, Arabic and Chinese.
 * Arabic and Chinese stand in logical order; the terminal turns them.
 */
#include <string.h>

#include "client/common/domain.h"

#define TABLE(t, label) const struct domain_table domain_##t = \
	{ label, sizeof(t##_rows) / sizeof(t##_rows[0]), t##_rows }

static const struct domain_row submission_rows[] = {
	{ "misconduct", { "A report of misconduct or wrongdoing",
	    "Un signalement de faute ou d'acte répréhensible",
	    "Una denuncia de falta o conducta indebida",
	    "بلاغ عن سوء سلوك أو مخالفة", "举报不当行为或违规" } },
	{ "retaliation", { "A request for protection against retaliation",
	    "Une demande de protection contre les représailles",
	    "Una solicitud de protección contra represalias",
	    "طلب حماية من الانتقام", "请求防范报复" } },
	{ "advice", { "A question, to get advice",
	    "Une question, pour obtenir un conseil",
	    "Una consulta, para recibir asesoramiento",
	    "سؤال للحصول على مشورة", "咨询" } },
	{ "meeting", { "Conduct at an official meeting of the organisation",
	    "Conduite lors d'une réunion officielle de l'organisation",
	    "Conducta en una reunión oficial de la organización",
	    "سلوك في اجتماع رسمي للمنظمة", "在本组织正式会议上的行为" } },
};
TABLE(submission, "submission");

static const struct domain_row category_rows[] = {
	{ "fraud", { "Fraud, theft or misuse of funds and assets",
	    "Fraude, vol ou détournement de fonds et de biens",
	    "Fraude, robo o uso indebido de fondos y bienes",
	    "احتيال أو سرقة أو إساءة استخدام الأموال والأصول",
	    "欺诈、盗窃或滥用资金和资产" } },
	{ "corruption", { "Bribery, trading in influence, abuse of functions",
	    "Corruption, trafic d'influence, abus de fonctions",
	    "Soborno, tráfico de influencias, abuso de funciones",
	    "رشوة أو متاجرة بالنفوذ أو إساءة استغلال الوظيفة",
	    "贿赂、影响力交易、滥用职权" } },
	{ "asset-recovery", { "Laundering or concealment of proceeds",
	    "Blanchiment ou dissimulation de produits illicites",
	    "Blanqueo u ocultación del producto de delitos",
	    "غسل العائدات أو إخفاؤها", "洗钱或隐瞒所得" } },
	{ "procurement", { "Procurement irregularity",
	    "Irrégularité dans un marché", "Irregularidad en una contratación",
	    "مخالفة في المشتريات", "采购违规" } },
	{ "external-funds", { "Acceptance, management or use of external "
	    "funds, partners, due diligence",
	    "Acceptation, gestion ou emploi de fonds externes, partenaires, "
	    "diligence raisonnable",
	    "Aceptación, gestión o uso de fondos externos, socios, "
	    "diligencia debida",
	    "قبول الأموال الخارجية أو إدارتها أو استخدامها والشركاء والعناية الواجبة",
	    "接受、管理或使用外部资金、合作伙伴、尽职调查" } },
	{ "conflict-of-interest", { "Conflict of interest, outside activity",
	    "Conflit d'intérêts, activité extérieure",
	    "Conflicto de intereses, actividad externa",
	    "تضارب مصالح أو نشاط خارجي", "利益冲突、外部活动" } },
	{ "gifts", { "Gifts, favours, hospitality",
	    "Cadeaux, faveurs, marques d'hospitalité",
	    "Regalos, favores, atenciones",
	    "هدايا ومحاباة وضيافة", "礼品、好处、款待" } },
	{ "elections", { "Election campaign, undue influence on a vote or an "
	    "appointment",
	    "Campagne électorale, influence indue sur un vote ou une "
	    "nomination",
	    "Campaña electoral, influencia indebida en una votación o un "
	    "nombramiento",
	    "حملة انتخابية أو تأثير غير مشروع في تصويت أو تعيين",
	    "竞选、对投票或任命施加不当影响" } },
	{ "harassment", { "Harassment, discrimination, abuse of authority",
	    "Harcèlement, discrimination, abus d'autorité",
	    "Acoso, discriminación, abuso de autoridad",
	    "تحرش أو تمييز أو إساءة استعمال السلطة",
	    "骚扰、歧视、滥用权力" } },
	{ "sexual-misconduct", { "Sexual harassment, exploitation or abuse",
	    "Harcèlement, exploitation ou abus sexuels",
	    "Acoso, explotación o abuso sexuales",
	    "تحرش أو استغلال أو اعتداء جنسي", "性骚扰、性剥削或性虐待" } },
	{ "confidentiality", { "Disclosure or misuse of protected "
	    "information, recordings, images",
	    "Divulgation ou mauvais usage d'informations protégées, "
	    "d'enregistrements, d'images",
	    "Divulgación o uso indebido de información protegida, "
	    "grabaciones, imágenes",
	    "إفشاء معلومات محمية أو تسجيلات أو صور أو إساءة استخدامها",
	    "泄露或滥用受保护的信息、录音、图像" } },
	{ "data-misuse", { "Misuse of police data or of information systems",
	    "Mauvais usage de données de police ou de systèmes d'information",
	    "Uso indebido de datos policiales o de sistemas de información",
	    "إساءة استخدام بيانات الشرطة أو نظم المعلومات",
	    "滥用警务数据或信息系统" } },
	{ "technology", { "Ethical risk of a new technology or of artificial "
	    "intelligence",
	    "Risque éthique d'une nouvelle technologie ou de l'intelligence "
	    "artificielle",
	    "Riesgo ético de una nueva tecnología o de la inteligencia "
	    "artificial",
	    "خطر أخلاقي لتكنولوجيا جديدة أو للذكاء الاصطناعي",
	    "新技术或人工智能的伦理风险" } },
	{ "recruitment", { "Recruitment irregularity, nepotism",
	    "Irrégularité de recrutement, népotisme",
	    "Irregularidad en la contratación de personal, nepotismo",
	    "مخالفة في التوظيف أو محسوبية", "招聘违规、任人唯亲" } },
	{ "safety", { "Health, safety, security, environment",
	    "Santé, sécurité, sûreté, environnement",
	    "Salud, seguridad, protección, medio ambiente",
	    "الصحة والسلامة والأمن والبيئة", "健康、安全、安保、环境" } },
	{ "obstruction", { "Obstruction of an inquiry, destroying evidence",
	    "Entrave à une enquête, destruction de preuves",
	    "Obstrucción de una investigación, destrucción de pruebas",
	    "عرقلة تحقيق أو إتلاف أدلة", "妨碍调查、销毁证据" } },
	{ "retaliation", { "Retaliation", "Représailles", "Represalias",
	    "انتقام", "报复" } },
	{ "other", { "Other wrongdoing manifestly harmful to the organisation",
	    "Autre acte manifestement préjudiciable à l'organisation",
	    "Otra conducta manifiestamente perjudicial para la organización",
	    "مخالفة أخرى تضر بالمنظمة ضرراً بيناً",
	    "明显损害本组织的其他不当行为" } },
};
TABLE(category, "category");

static const struct domain_row act_rows[] = {
	{ "a", { "Dismissal or suspension", "Licenciement ou suspension",
	    "Despido o suspensión", "فصل أو وقف عن العمل", "解雇或停职" } },
	{ "b", { "Demotion or no promotion",
	    "Rétrogradation ou refus de promotion",
	    "Descenso o denegación de ascenso",
	    "تنزيل درجة أو حرمان من الترقية", "降级或不予晋升" } },
	{ "c", { "Change of duties, place, pay or hours",
	    "Changement de fonctions, de lieu, de salaire ou d'horaires",
	    "Cambio de funciones, lugar, sueldo u horario",
	    "تغيير المهام أو المكان أو الأجر أو ساعات العمل",
	    "变更职责、地点、薪酬或工时" } },
	{ "d", { "Training withheld", "Formation refusée",
	    "Denegación de formación", "حرمان من التدريب", "不给培训" } },
	{ "e", { "Bad appraisal or reference",
	    "Mauvaise évaluation ou référence",
	    "Mala evaluación o referencia", "تقييم أو تزكية سيئة",
	    "差评或负面推荐" } },
	{ "f", { "Discipline or fine", "Sanction disciplinaire ou amende",
	    "Sanción disciplinaria o multa", "تأديب أو غرامة",
	    "纪律处分或罚款" } },
	{ "g", { "Coercion, intimidation, harassment, ostracism",
	    "Contrainte, intimidation, harcèlement, mise à l'écart",
	    "Coacción, intimidación, acoso, aislamiento",
	    "إكراه أو ترهيب أو مضايقة أو نبذ", "胁迫、恐吓、骚扰、排挤" } },
	{ "h", { "Discrimination", "Discrimination", "Discriminación",
	    "تمييز", "歧视" } },
	{ "i", { "Temporary contract not made permanent",
	    "Contrat temporaire non pérennisé",
	    "Contrato temporal no convertido en permanente",
	    "عدم تثبيت عقد مؤقت", "临时合同不转为长期" } },
	{ "j", { "Contract not renewed or ended early",
	    "Contrat non renouvelé ou rompu avant terme",
	    "Contrato no renovado o terminado antes de tiempo",
	    "عدم تجديد عقد أو إنهاؤه قبل أجله", "合同不续签或提前终止" } },
	{ "k", { "Harm to reputation or financial loss",
	    "Atteinte à la réputation ou perte financière",
	    "Daño a la reputación o pérdida económica",
	    "ضرر بالسمعة أو خسارة مالية", "名誉受损或经济损失" } },
	{ "l", { "Blacklisting", "Mise sur liste noire",
	    "Inclusión en una lista negra", "إدراج في قائمة سوداء",
	    "列入黑名单" } },
	{ "m", { "Supply contract ended", "Contrat de fourniture résilié",
	    "Contrato de suministro rescindido", "إنهاء عقد توريد",
	    "终止供货合同" } },
	{ "n", { "Licence or permit cancelled",
	    "Licence ou permis annulé", "Licencia o permiso cancelado",
	    "إلغاء ترخيص أو تصريح", "吊销许可或执照" } },
	{ "o", { "Psychiatric or medical referral",
	    "Orientation psychiatrique ou médicale",
	    "Remisión psiquiátrica o médica",
	    "إحالة إلى طب نفسي أو فحص طبي", "被要求接受精神或医学检查" } },
};
TABLE(act, "acts");

static const struct domain_row relation_rows[] = {
	{ "staff", { "Staff member", "Membre du personnel",
	    "Miembro del personal", "موظف", "工作人员" } },
	{ "seconded", { "Seconded official", "Fonctionnaire détaché",
	    "Funcionario en comisión de servicio", "موظف معار",
	    "借调官员" } },
	{ "contractor", { "Contractor or consultant",
	    "Prestataire ou consultant", "Contratista o consultor",
	    "متعاقد أو استشاري", "承包商或顾问" } },
	{ "intern", { "Intern or volunteer", "Stagiaire ou bénévole",
	    "Pasante o voluntario", "متدرب أو متطوع", "实习生或志愿者" } },
	{ "former-staff", { "Former staff member",
	    "Ancien membre du personnel", "Antiguo miembro del personal",
	    "موظف سابق", "前工作人员" } },
	{ "applicant", { "Applicant for a post", "Candidat à un poste",
	    "Candidato a un puesto", "مرشح لوظيفة", "求职者" } },
	{ "delegate", { "Delegate or observer at a meeting",
	    "Délégué ou observateur à une réunion",
	    "Delegado u observador en una reunión",
	    "مندوب أو مراقب في اجتماع", "会议代表或观察员" } },
	{ "other", { "Other", "Autre", "Otra", "غير ذلك", "其他" } },
};
TABLE(relation, "relation");

static const struct domain_row known_by_rows[] = {
	{ "saw", { "I saw or heard it myself", "Je l'ai vu ou entendu moi-même",
	    "Lo vi u oí personalmente", "رأيته أو سمعته بنفسي",
	    "亲眼所见或亲耳所闻" } },
	{ "told", { "Somebody told me", "Quelqu'un me l'a dit",
	    "Alguien me lo contó", "أخبرني به أحد", "他人告知" } },
	{ "documents", { "I have seen documents", "J'ai vu des documents",
	    "He visto documentos", "اطلعت على وثائق", "看到了文件" } },
};
TABLE(known_by, "known_by");

static const struct domain_row tristate_rows[] = {
	{ "yes", { "Yes", "Oui", "Sí", "نعم", "是" } },
	{ "no", { "No", "Non", "No", "لا", "否" } },
	{ "unsure", { "I am not sure", "Je ne sais pas", "No estoy seguro",
	    "لست متأكداً", "不确定" } },
};
TABLE(tristate, "tristate");

/* Places keep their names; only the last rows and the first are words. */
static const struct domain_row station_rows[] = {
	{ "Lyon", { "Lyon (headquarters)", "Lyon (siège)", "Lyon (sede)",
	    "ليون (المقر)", "里昂（总部）" } },
	{ "Singapore", { "Singapore", "Singapour", "Singapur", "سنغافورة",
	    "新加坡" } },
	{ "Abidjan", { "Abidjan", NULL, "Abiyán", "أبيدجان", "阿比让" } },
	{ "Buenos Aires", { "Buenos Aires", NULL, NULL, "بوينس آيرس",
	    "布宜诺斯艾利斯" } },
	{ "Harare", { "Harare", NULL, NULL, "هراري", "哈拉雷" } },
	{ "Nairobi", { "Nairobi", NULL, NULL, "نيروبي", "内罗毕" } },
	{ "San Salvador", { "San Salvador", NULL, NULL, "سان سلفادور",
	    "圣萨尔瓦多" } },
	{ "Yaoundé", { "Yaoundé", NULL, "Yaundé", "ياوندي", "雅温得" } },
	{ "Addis Ababa", { "Addis Ababa", "Addis-Abeba", "Addis Abeba",
	    "أديس أبابا", "亚的斯亚贝巴" } },
	{ "Bangkok", { "Bangkok", NULL, NULL, "بانكوك", "曼谷" } },
	{ "Bridgetown", { "Bridgetown", NULL, NULL, "بريدجتاون",
	    "布里奇敦" } },
	{ "Brussels", { "Brussels", "Bruxelles", "Bruselas", "بروكسل",
	    "布鲁塞尔" } },
	{ "New York", { "New York", NULL, "Nueva York", "نيويورك", "纽约" } },
	{ "The Hague", { "The Hague", "La Haye", "La Haya", "لاهاي",
	    "海牙" } },
	{ "Vienna", { "Vienna", "Vienne", "Viena", "فيينا", "维也纳" } },
	{ "mission", { "On mission or travel", "En mission ou en voyage",
	    "En misión o de viaje", "في مهمة أو سفر", "出差或旅途中" } },
	{ "other", { "Somewhere else", "Ailleurs", "Otro lugar",
	    "مكان آخر", "其他地点" } },
};
TABLE(station, "where");

static const struct domain_row language_rows[] = {
	{ "en", { "English", "Anglais", "Inglés", "الإنجليزية", "英语" } },
	{ "fr", { "French", "Français", "Francés", "الفرنسية", "法语" } },
	{ "es", { "Spanish", "Espagnol", "Español", "الإسبانية",
	    "西班牙语" } },
	{ "ar", { "Arabic", "Arabe", "Árabe", "العربية", "阿拉伯语" } },
	{ "zh", { "Chinese", "Chinois", "Chino", "الصينية", "中文" } },
};
TABLE(language, "language");

static const struct domain_row activity_rows[] = {
	{ "report", { "I reported something to an authorised channel",
	    "J'ai signalé quelque chose par une voie autorisée",
	    "Denuncié algo por una vía autorizada",
	    "أبلغت عن أمر عبر قناة مخولة", "我曾通过授权渠道举报" } },
	{ "cooperation", { "I cooperated with an audit or an investigation",
	    "J'ai coopéré à un audit ou à une enquête",
	    "Cooperé con una auditoría o una investigación",
	    "تعاونت مع تدقيق أو تحقيق", "我曾配合审计或调查" } },
};
TABLE(activity, "activity");

/* see domain.h */
const struct domain_row *
domain_find(const struct domain_table *t, struct rd code)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (rd_eq_str(code, t->row[i].code))
			return &t->row[i];
	return NULL;
}

/* see domain.h */
const char *
domain_label(const struct domain_row *r, enum domain_lang lang)
{
	const char *s = lang < LANGS ? r->label[lang] : NULL;

	return s != NULL ? s : r->label[LANG_EN];
}
