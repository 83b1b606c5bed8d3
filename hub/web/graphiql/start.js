// Starts GraphiQL on this hub: answers over POST, subscriptions over a WebSocket at the same path.

const EXAMPLES = `# 枢纽 GraphQL。Ctrl-Enter 运行；左侧书本是全部类型的说明。
# The hub's GraphQL. Ctrl-Enter runs; the book on the left explains every type.

# 一张订单的来龙去脉 · One order and everything around it
query Order {
  salesOrders(first: 1, where: { state: { eq: CONFIRMED } }) {
    nodes {
      number orderDate total delivered
      customer { name salesRep { name } }
      lines {
        position quantity delivered
        item { name onHand supplier { name } }
        productionDemands { nodes { productionOrder { number state progress } } }
        deliveryLines { nodes { quantity delivery { number deliveryDate state } } }
      }
    }
  }
}

# 逾期未发完的订单 · Orders that are late
query Late($today: Date!) {
  salesOrders(
    where: { promisedDate: { lt: $today }, state: { eq: CONFIRMED } }
    orderBy: [{ promisedDate: ASC }]
  ) {
    totalCount
    nodes { number promisedDate delivered customer { name } }
  }
}

# 每月销售额，按存货分类 · Sales value by month and category of the items
query Sales {
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

# 实时跟踪 · Follow changes as they happen
subscription Changes {
  documentChanged(type: "SalesOrder") { event document { ... on SalesOrder { number state } } }
}
`;

const TODAY = new Date().toISOString().slice(0, 10);

function isSubscription(parameters, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter((one) => one.kind === "OperationDefinition");
  const chosen = operations.find((one) => one.name?.value === parameters.operationName) ?? operations[0];
  return chosen?.operation === "subscription";
}

async function answered(parameters) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

// An observable: GraphiQL shows each answer and unsubscribes when the user stops it.
function followed(parameters) {
  return {
    subscribe(observer) {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      const socket = new WebSocket(`${scheme}//${location.host}/graphql`, "graphql-transport-ws");
      const send = (message) => socket.send(JSON.stringify(message));
      socket.onopen = () => send({ type: "connection_init" });
      socket.onmessage = (event) => {
        const message = JSON.parse(event.data);
        if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: parameters });
        else if (message.type === "ping") send({ type: "pong" });
        else if (message.type === "next") observer.next(message.payload);
        else if (message.type === "error") observer.next({ errors: message.payload });
        else if (message.type === "complete") observer.complete();
      };
      socket.onclose = (event) => (event.code === 1000 ? observer.complete() : observer.error(new Error(event.reason)));
      return { unsubscribe: () => socket.close(1000) };
    },
  };
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: (parameters, options) => (isSubscription(parameters, options) ? followed(parameters) : answered(parameters)),
    defaultQuery: EXAMPLES,
    variables: JSON.stringify({ today: TODAY }, null, 2),
    shouldPersistHeaders: false,
  }),
);
