"""The words synthetic people are made of (姓名、地名、院校用字): common ones, combined at random, naming nobody."""

from __future__ import annotations

from forms.terms import EducationLevel, EmployerNature

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕姜崔窦尹矫"
GIVEN_MALE = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆旭宁博睿轩昊哲瀚"
GIVEN_FEMALE = "芳娜敏静丽娟艳霞秀燕玲丹萍红玉兰雪倩颖琳慧婷莹晶佳瑶怡雯萱彤妍蕾梦"
ETHNICITIES = ("汉族",) * 18 + ("回族", "满族", "朝鲜族")

# district code (GB/T 2260), province, city, county
HOMETOWNS = (
    ("370283", "山东省", "青岛市", "平度市"),
    ("370285", "山东省", "青岛市", "莱西市"),
    ("370281", "山东省", "青岛市", "胶州市"),
    ("370202", "山东省", "青岛市", "市南区"),
    ("370102", "山东省", "济南市", "历下区"),
    ("370683", "山东省", "烟台市", "莱州市"),
    ("370685", "山东省", "烟台市", "招远市"),
    ("370782", "山东省", "潍坊市", "诸城市"),
    ("370785", "山东省", "潍坊市", "高密市"),
    ("370786", "山东省", "潍坊市", "昌邑市"),
    ("370902", "山东省", "泰安市", "泰山区"),
    ("371302", "山东省", "临沂市", "兰山区"),
    ("371702", "山东省", "菏泽市", "牡丹区"),
    ("130102", "河北省", "石家庄市", "长安区"),
    ("220102", "吉林省", "长春市", "南关区"),
    ("230102", "黑龙江省", "哈尔滨市", "道里区"),
    ("320102", "江苏省", "南京市", "玄武区"),
    ("340102", "安徽省", "合肥市", "瑶海区"),
    ("410102", "河南省", "郑州市", "中原区"),
    ("510104", "四川省", "成都市", "锦江区"),
)

STREETS = {
    "370283": ("东阁街道", "李园街道", "同和街道", "凤台街道", "白沙河街道"),
    "370285": ("水集街道", "望城街道", "沽河街道", "龙水街道"),
}
ROADS = ("人民路", "青岛路", "扬州路", "郑州路", "泉州路", "胜利路", "常州路", "红旗路")
ESTATES = ("锦绣花园", "紫荆小区", "翰林苑", "阳光水岸", "和美家园", "凤凰新城")

SCHOOLS: dict[EducationLevel, tuple[str, ...]] = {
    EducationLevel.SECONDARY: ("平度市职业中等专业学校", "青岛市城阳区职业中等专业学校"),
    EducationLevel.TECHNICAL: ("青岛市技师学院", "平度市技师学院"),
    EducationLevel.COLLEGE: ("青岛职业技术学院", "山东商业职业技术学院", "淄博职业学院"),
    EducationLevel.BACHELOR: ("青岛大学", "青岛农业大学", "山东科技大学", "济南大学", "鲁东大学"),
    EducationLevel.MASTER: ("山东大学", "中国海洋大学", "青岛科技大学", "吉林大学"),
    EducationLevel.DOCTOR: ("中国海洋大学", "山东大学", "哈尔滨工业大学", "中国农业大学"),
}
FOREIGN_SCHOOLS = ("墨尔本大学", "曼彻斯特大学", "早稻田大学", "新加坡国立大学", "首尔大学")
MAJORS = (
    "机械工程",
    "农学",
    "食品科学与工程",
    "计算机科学与技术",
    "护理学",
    "会计学",
    "土木工程",
    "电气工程及其自动化",
)
GRADUATION_AGE: dict[EducationLevel, int] = {
    EducationLevel.SECONDARY: 18,
    EducationLevel.TECHNICAL: 19,
    EducationLevel.COLLEGE: 21,
    EducationLevel.BACHELOR: 22,
    EducationLevel.MASTER: 25,
    EducationLevel.DOCTOR: 29,
}

FIRM_FIRST = ("海岳", "博远", "润泽", "鼎新", "瑞禾", "联创", "青禾", "泰川", "众和", "明德")
FIRM_SECOND = ("机械", "食品", "新材料", "智能装备", "农业科技", "电子", "纺织", "信息技术")
# first two characters of the credit code (GB 32100—2015), and how such an employer is called
EMPLOYERS: dict[EmployerNature, tuple[str, str]] = {
    EmployerNature.ENTERPRISE: ("91", "青岛{first}{second}有限公司"),
    EmployerNature.GOVERNMENT: ("11", "{region}{first}事务局"),
    EmployerNature.INSTITUTION: ("12", "{region}{first}{second}服务中心"),
    EmployerNature.MASS_ORGANISATION: ("13", "{region}{first}联合会"),
    EmployerNature.SOCIAL_ORGANISATION: ("52", "{region}{first}{second}促进中心"),
    EmployerNature.INDIVIDUAL: ("92", "{region}{first}{second}经营部"),
    EmployerNature.COOPERATIVE: ("93", "{region}{first}农业专业合作社"),
}
BANKS = (
    ("中国农业银行{region}支行", "103452099901"),
    ("中国工商银行{region}支行", "102452099902"),
    ("中国建设银行{region}支行", "105452099903"),
    ("青岛农村商业银行{region}支行", "402452099904"),
)
