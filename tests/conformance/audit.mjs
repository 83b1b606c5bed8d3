// Runs the server audits of graphql-http against the address in argv[2] with the token in argv[3] and prints the
// results as JSON. The token is added to each request; nothing else is changed.
import { auditServer } from 'graphql-http';

const [, , url, token] = process.argv;
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } });

const results = await auditServer({ url, fetchFn });
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
