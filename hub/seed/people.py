"""The 52 people and nine departments of the demo company. All of them are invented.

Names, posts and logins are written out, because people are what a visitor meets first; birthdays, hire dates and
numbers follow from the seed.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hub.seed.cast import Department, Employee
from hub.seed.codes import identity_number, mobile_number

# code, name, then "姓名/login/M|F/岗位" of everyone in it, the head first
_DEPARTMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("GM", "总经办", ("沈国梁/shenguoliang/M/总经理", "林静怡/linjingyi/F/总经理助理")),
    (
        "XS",
        "销售部",
        (
            "张伟/zhangwei/M/销售经理",
            "陈丽娜/chenlina/F/销售主管",
            "王浩然/wanghaoran/M/销售工程师",
            "徐晓雯/xuxiaowen/F/销售工程师",
            "胡建平/hujianping/M/销售工程师",
            "周婷/zhouting/F/销售跟单",
        ),
    ),
    ("CG", "采购部", ("李建国/lijianguo/M/采购经理", "方敏/fangmin/F/采购员", "郑凯/zhengkai/M/采购员")),
    (
        "SC",
        "生产部",
        (
            "赵志强/zhaozhiqiang/M/生产经理",
            "刘洋/liuyang/M/生产计划员",
            "孙雅琴/sunyaqin/F/生产计划员",
            "马德胜/madesheng/M/车间主任",
            "吴海波/wuhaibo/M/白班班长",
            "何永强/heyongqiang/M/夜班班长",
            "罗小军/luoxiaojun/M/注塑调机员",
            "高峰/gaofeng/M/注塑调机员",
            "唐秀英/tangxiuying/F/注塑操作工",
            "蒋红霞/jianghongxia/F/注塑操作工",
            "曹桂兰/caoguilan/F/注塑操作工",
            "彭大勇/pengdayong/M/注塑操作工",
            "董小梅/dongxiaomei/F/注塑操作工",
            "袁志明/yuanzhiming/M/注塑操作工",
            "邓丽萍/dengliping/F/注塑操作工",
            "许文斌/xuwenbin/M/注塑操作工",
            "傅春燕/fuchunyan/F/注塑操作工",
            "沈阿根/shenagen/M/拌料工",
            "曾庆华/zengqinghua/M/拌料工",
            "叶秋菊/yeqiuju/F/包装工",
        ),
    ),
    (
        "CC",
        "仓储部",
        (
            "黄志远/huangzhiyuan/M/仓储主管",
            "钱丽华/qianlihua/F/成品仓管员",
            "宋长青/songchangqing/M/原料仓管员",
            "潘小龙/panxiaolong/M/叉车工",
            "杜娟/dujuan/F/物流员",
        ),
    ),
    (
        "ZL",
        "质量部",
        (
            "杨慧敏/yanghuimin/F/质量经理",
            "朱晓东/zhuxiaodong/M/来料检验员",
            "秦雪/qinxue/F/成品检验员",
            "韩冬梅/handongmei/F/成品检验员",
            "冯立新/fenglixin/M/巡检员",
            "余芳芳/yufangfang/F/计量员",
        ),
    ),
    (
        "SB",
        "设备部",
        (
            "谢永康/xieyongkang/M/设备经理",
            "梁国栋/liangguodong/M/模具维修工",
            "苏志刚/suzhigang/M/设备维修工",
            "卢明亮/lumingliang/M/电工",
        ),
    ),
    ("CW", "财务部", ("蔡玉芬/caiyufen/F/财务经理", "丁琳/dinglin/F/会计", "任佳佳/renjiajia/F/出纳")),
    (
        "RS",
        "人事行政部",
        ("姚淑珍/yaoshuzhen/F/人事行政经理", "范宇轩/fanyuxuan/M/信息专员", "石慧/shihui/F/数据专员"),
    ),
)

# login, roles: one account for every role, and a second salesperson and warehouse keeper to work with side by side
ACCOUNTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("fanyuxuan", ("administrator",)),
    ("zhangwei", ("sales",)),
    ("wanghaoran", ("sales",)),
    ("chenlina", ("sales_manager",)),
    ("lijianguo", ("purchasing",)),
    ("luoxiaojun", ("engineer",)),
    ("liuyang", ("planner",)),
    ("madesheng", ("workshop",)),
    ("huangzhiyuan", ("warehouse",)),
    ("qianlihua", ("warehouse",)),
    ("yanghuimin", ("quality",)),
    ("caiyufen", ("finance",)),
    ("yaoshuzhen", ("people",)),
    ("shenguoliang", ("executive",)),
    ("shihui", ("steward",)),
)


def employees(random: Random) -> list[Employee]:
    """Everyone, by department; code `E001` to `E052`."""
    people: list[Employee] = []
    for code, _, members in _DEPARTMENTS:
        for rank, member in enumerate(members):
            name, login, sex, job_title = member.split("/")
            youngest, oldest = (34, 56) if rank == 0 else (22, 52)
            age_days = random.randint(youngest * 365, oldest * 365)
            birth_date = date(2025, 6, 30) - timedelta(days=age_days)
            worked_days = random.randint(90, min(age_days - 20 * 365, 14 * 365))
            serial = len(people) + 1
            people.append(
                Employee(
                    code=f"E{serial:03d}",
                    name=name,
                    login=login,
                    department=code,
                    job_title=job_title,
                    is_male=sex == "M",
                    birth_date=birth_date,
                    identity_number=identity_number(birth_date, serial, sex == "M"),
                    hire_date=date(2025, 9, 30) - timedelta(days=worked_days),
                    phone=mobile_number(serial),
                    email=f"{login}@xingshu.example",
                )
            )
    return people


def departments(people: list[Employee]) -> list[Department]:
    """The nine departments with the code of their head; all report to the general manager's office."""
    by_login = {person.login: person.code for person in people}
    return [Department(code, name, by_login[members[0].split("/")[1]]) for code, name, members in _DEPARTMENTS]


def with_title(people: list[Employee], *titles: str) -> list[Employee]:
    """The people whose job title is one of these, in code order."""
    return [person for person in people if person.job_title in titles]
