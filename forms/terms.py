"""The words of the forms (填表用语): codes that an applicant chooses from, each with its Chinese label."""

from __future__ import annotations

from forms.vocabulary import Term


class Sex(Term):
    """Sex as printed on the identity card, GB/T 2261.1."""

    MALE = "male", "男"
    FEMALE = "female", "女"


class IdType(Term):
    """Kinds of identity papers (证件类型), after GA/T 2000.156."""

    RESIDENT = "resident_id", "居民身份证"
    HOUSEHOLD_BOOK = "household_book", "户口簿"
    PASSPORT = "passport", "护照"
    HK_MACAO_PERMIT = "hk_macao_permit", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证"
    HMT_RESIDENCE = "hmt_residence", "港澳台居民居住证"
    FOREIGN_RESIDENCE = "foreign_residence", "外国人永久居留身份证"
    BIRTH_CERTIFICATE = "birth_certificate", "出生医学证明"
    OFFICER_CARD = "officer_card", "军官证"


class EducationLevel(Term):
    """Levels of education (学历层次), lowest first."""

    SECONDARY = "secondary", "中专"
    TECHNICAL = "technical", "技工院校（技校）"
    COLLEGE = "college", "大专"
    BACHELOR = "bachelor", "本科"
    MASTER = "master", "硕士研究生"
    DOCTOR = "doctor", "博士研究生"

    def reaches(self, level: EducationLevel) -> bool:
        """Whether this level is at least the other (及以上 includes the number itself, 民法典 第1259条)."""
        order = list(EducationLevel)
        return order.index(self) >= order.index(level)


class Degree(Term):
    """Academic degrees (学位), 学位法 第2条."""

    BACHELOR = "bachelor", "学士"
    MASTER = "master", "硕士"
    DOCTOR = "doctor", "博士"


class TitleGrade(Term):
    """Grades of professional titles (职称等级), highest first."""

    SENIOR = "senior", "正高级"
    ASSOCIATE = "associate", "副高级"
    INTERMEDIATE = "intermediate", "中级"
    JUNIOR = "junior", "初级"


class SkillGrade(Term):
    """Grades of vocational skill (职业技能等级), highest first."""

    SENIOR_TECHNICIAN = "senior_technician", "高级技师"
    TECHNICIAN = "technician", "技师"
    ADVANCED = "advanced", "高级工"
    INTERMEDIATE = "intermediate", "中级工"
    JUNIOR = "junior", "初级工"


class TalentClass(Term):
    """Classes of recognised talents (人才类别), highest first."""

    A = "A", "A类人才"
    B = "B", "B类人才"
    C = "C", "C类人才"
    D = "D", "D类人才"
    E = "E", "E类人才"


class EmployerNature(Term):
    """What an employer is (单位性质)."""

    ENTERPRISE = "enterprise", "企业"
    GOVERNMENT = "government", "机关"
    INSTITUTION = "institution", "事业单位"
    MASS_ORGANISATION = "mass_organisation", "群团组织"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    INDIVIDUAL = "individual", "个体工商户"
    COOPERATIVE = "cooperative", "农民专业合作社"
    OTHER = "other", "其他"


class Kinship(Term):
    """Who a family member is to the applicant (与申请人关系); the first six are near relatives, 民法典 第1045条."""

    SPOUSE = "spouse", "配偶"
    PARENT = "parent", "父母"
    CHILD = "child", "子女"
    SIBLING = "sibling", "兄弟姐妹"
    GRANDPARENT = "grandparent", "祖父母、外祖父母"
    GRANDCHILD = "grandchild", "孙子女、外孙子女"
    WARD = "ward", "被监护人"


NEAR_RELATIVES = frozenset(Kinship) - {Kinship.WARD}


class DeliveryMode(Term):
    """How results reach the applicant (取件方式)."""

    WINDOW = "window", "窗口领取"
    EMS = "ems", "邮政快递"
    ELECTRONIC = "electronic", "电子证照"


class MandateKind(Term):
    """Who files for the applicant (代办类型)."""

    AGENT = "agent", "委托代办人"
    GUARDIAN = "guardian", "监护人"
    HELPER = "helper", "帮办员"
    EMPLOYER = "employer", "用人单位经办人"


class ConsentGiver(Term):
    """Who gives a consent (同意人)."""

    APPLICANT = "applicant", "申请人本人"
    GUARDIAN = "guardian", "监护人"


class SubsidyRule(Term):
    """The money that matter `subsidy` may be applied for; P: 平发〔2022〕22号 by item, Q: 青政字〔2021〕22号 专栏6."""

    P3A = "P3a", "青年人才生活补贴（博士）"
    P3B = "P3b", "青年人才生活补贴（硕士）"
    P3C = "P3c", "青年人才生活补贴（本科）"
    P3D = "P3d", "青年人才生活补贴（外籍及港澳台毕业生）"
    P5A = "P5a", "技能人才生活补贴"
    P5B = "P5b", "专业技术人才生活补贴"
    P5C = "P5c", "岗位实习学生一次性补贴"
    P8B = "P8b", "卫生人才安家补贴"
    P11C = "P11c", "引进高校毕业生引才奖励"
    P12B = "P12b", "引进留学人员引才奖励"
    Q1 = "Q1", "引进重点高校毕业生培养经费"
    Q2 = "Q2", "市属企事业单位引进青年博士培养经费"
