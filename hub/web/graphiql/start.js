// Starts GraphiQL on this hub: answers over POST, subscriptions over a WebSocket at the same path.

const TODAY = new Date().toISOString().slice(0, 10);

function isSubscription(parameters, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter((one) => one.kind === "OperationDefinition");
  const chosen = operations.find((one) => one.name?.value === parameters.operationName) ?? operations[0];
  return chosen?.operation === "subscription";
}

// Right after a change of tabs GraphiQL still names the operation of the tab before.
function asked({ operationName, ...rest }) {
  return operationName && new RegExp(`\\b${operationName}\\b`).test(rest.query) ? { ...rest, operationName } : rest;
}

async function answered(parameters) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked(parameters)),
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
        if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: asked(parameters) });
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
    defaultTabs: EXAMPLES.map(({ query, variables = "" }) => ({ query, variables: variables.replaceAll("TODAY", TODAY) })),
    shouldPersistHeaders: false,
  }),
);
