// PostGraphile 5 as its documentation recommends it for production: Amber, one process, prepared statements,
// with the two plugins that give it what the benchmark compares: filters on links and grouped aggregates.
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";
import { PgAggregatesPreset } from "@graphile/pg-aggregates";

export default {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset, PgAggregatesPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"], // it hides filters on columns without an index
  pgServices: [
    makePgService({
      connectionString: process.env.PEER_DATABASE,
      schemas: ["hub"],
      poolConfig: { max: 16 },
    }),
  ],
  schema: { connectionFilterRelations: true, defaultBehavior: "connection list" },
  grafserv: { host: "127.0.0.1", port: Number(process.env.PEER_PORT), graphiql: false, watch: false },
  grafast: { explain: false },
};
