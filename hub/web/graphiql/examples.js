// The tabs GraphiQL opens with: one example each, named by its operation; TODAY in the variables is the day.
// The tests answer every one of them.

const EXAMPLES = [
  {
    query: `# 枢纽 GraphQL：Ctrl-Enter 运行；左侧书本是全部类型的说明；每个标签页是一个例子。
# The hub's GraphQL: Ctrl-Enter runs; the book on the left explains every type; each tab is an example.

# 一张订单的来龙去脉：从客户到生产、检验、发货 · One order and everything around it
query OrderToCash {
  salesOrders(first: 1, where: { state: { eq: CONFIRMED } }) {
    nodes {
      number orderDate total delivered
      customer { name salesRep { name } }
      lines {
        position quantity delivered
        item { name onHand supplier { name } }
        productionDemands {
          nodes { productionOrder { number state progress inspections { nodes { number qualifiedRate } } } }
        }
        deliveryLines { nodes { quantity delivery { number deliveryDate state } } }
      }
    }
  }
}
`,
  },
  {
    query: `# 逾期未发完的订单 · Orders that are late. 变量在下方 · The variables stand below.
query LateOrders($today: Date!) {
  salesOrders(
    where: { promisedDate: { lt: $today }, state: { eq: CONFIRMED } }
    orderBy: [{ promisedDate: ASC }]
    first: 20
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { number promisedDate delivered customer { name } }
  }
}
`,
    variables: `{ "today": "TODAY" }`,
  },
  {
    query: `# 筛选：拼音首字母、关联、明细、日期的一部分 · Filters: pinyin initials, links, lines, parts of a date
query Filters {
  salesOrders(
    where: {
      customer: { namePinyin: { contains: "ht" } }
      lines: { some: { quantity: { gte: "100" }, item: { active: { eq: true } } } }
      or: [{ orderDate: { month: { eq: 3 } } }, { orderDate: { quarter: { eq: 4 } } }]
      not: { state: { eq: CANCELLED } }
    }
    first: 10
  ) {
    totalCount
    nodes { number orderDate customer { name } lines { quantity item { name } } }
  }
}
`,
  },
  {
    query: `# 汇总与分组：每月、每个客户 · Totals and groups: by month and customer
query Totals {
  salesOrders {
    aggregate { count sum { total } avg { total } distinct { customer } }
    groups(
      by: [{ orderDate: MONTH }, { customer: { name: true } }]
      having: { count: { gte: 2 } }
      orderBy: [{ sum: { total: DESC } }]
      first: 10
    ) {
      key { orderDate customer { name } }
      count
      sum { total }
    }
  }
}
`,
  },
  {
    query: `# 每月销售额，按存货分类 · Sales value by month and category of the items
query SalesByMonth {
  salesOrderLines(where: { salesOrder: { state: { notIn: [DRAFT, CANCELLED] } } }) {
    groups(
      by: [{ salesOrder: { orderDate: MONTH } }, { item: { category: true } }]
      orderBy: [{ key: { salesOrder: { orderDate: DESC } } }, { sum: { amount: DESC } }]
    ) {
      key { salesOrder { orderDate } item { category } }
      sum { amount }
      distinct { salesOrder }
    }
  }
}
`,
  },
  {
    query: `# 那时的样子：某一刻的订单 · As it stood: orders at a moment
query AsOf($moment: DateTime!) {
  salesOrders(asOf: $moment, first: 5) {
    nodes { number state lines { position quantity } }
  }
}
`,
    variables: `{ "moment": "TODAYT00:00:00+08:00" }`,
  },
  {
    query: `# 试建客户：dryRun 检查全部规则，不保存 · Try a customer: dryRun checks every rule and keeps nothing
mutation TryCustomer($customer: CreateCustomerInput!) {
  createCustomer(input: $customer, dryRun: true) {
    customer { code name namePinyin createdAt }
    problems { code message path hint }
  }
}
`,
    variables: `{ "customer": { "code": "TRY-1", "name": "试试看贸易有限公司", "city": "宁波" } }`,
  },
  {
    query: `# 实时跟踪；再点一次停止 · Follow changes as they happen; press again to stop
subscription Changes {
  documentChanged(type: "SalesOrder") { event document { ... on SalesOrder { number state } } }
}
`,
  },
  {
    query: `# 活的查询：结果变了就再送一次 · A live query: sent again whenever its rows change
subscription LiveOrders {
  salesOrders(where: { state: { eq: CONFIRMED } }, orderBy: [{ promisedDate: ASC }], first: 5) {
    totalCount
    nodes { number promisedDate delivered customer { name } }
  }
}
`,
  },
  {
    query: `# 我是谁、能办什么；单据和字段的中英文名称 · Who asks; what types and fields are called
query WhoAndWhat {
  me { name roleLabels }
  documentTypes(names: ["SalesOrder"]) { label { zh en } fields { name label { zh en } kind } steps { mutation label { zh en } } }
}
`,
  },
];
