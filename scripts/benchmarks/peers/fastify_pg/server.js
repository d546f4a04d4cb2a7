// Node's fastify and pg, as fastify people write it: a schema for each body and answer, a pool of ten
// connections, prepared statements (those of the limit). No token, no log, no conditions.
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import Fastify from "fastify";
import pg from "pg";

const { values: options } = parseArgs({ options: { port: { type: "string" } } });
const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL, max: 10 });
const app = Fastify();

const COLUMNS =
  "id, sku, name, description, price_minor, currency, status, category_id, tags, stock, version," +
  " created_at, updated_at";
const GET = `SELECT ${COLUMNS} FROM products WHERE id = $1`;
const LIST = `SELECT ${COLUMNS} FROM products WHERE status = $1 ORDER BY lower(name), id LIMIT $2`;
const CREATE =
  `INSERT INTO products (${COLUMNS})` +
  ` VALUES ($1, $2, $3, $4, $5, $6, 'draft', NULL, '', 0, 1, $7, $7) RETURNING ${COLUMNS}`;

const text = { type: "string" };
const integer = { type: "integer" };
const moment = { type: "string", format: "date-time" };
const product = {
  type: "object",
  properties: {
    id: text,
    sku: text,
    name: text,
    description: text,
    price_minor: integer,
    currency: text,
    status: text,
    category_id: { type: "string", nullable: true },
    tags: text,
    stock: integer,
    version: integer,
    created_at: moment,
    updated_at: moment,
  },
};
const page = { type: "object", properties: { items: { type: "array", items: product } } };
const productCreate = {
  type: "object",
  required: ["sku", "name", "price"],
  properties: {
    sku: { type: "string", minLength: 1, maxLength: 64 },
    name: { type: "string", minLength: 1, maxLength: 200 },
    description: { type: "string", maxLength: 4000, default: "" },
    price: {
      type: "object",
      required: ["amount_minor", "currency"],
      properties: { amount_minor: integer, currency: text },
    },
  },
};
const filters = {
  type: "object",
  required: ["status"],
  properties: { status: text, limit: { type: "integer", minimum: 1, maximum: 100, default: 50 } },
};

app.get(
  "/v1/products/:id",
  { schema: { params: { type: "object", properties: { id: text } }, response: { 200: product } } },
  async (request, reply) => {
    const { rows } = await pool.query({ name: "get", text: GET, values: [request.params.id] });
    return rows[0] ?? reply.code(404).send();
  },
);

app.get(
  "/v1/products",
  { schema: { querystring: filters, response: { 200: page } } },
  async (request) => {
    const { status, limit } = request.query;
    const { rows } = await pool.query({ name: "list", text: LIST, values: [status, limit] });
    return { items: rows };
  },
);

app.post(
  "/v1/products",
  { schema: { body: productCreate, response: { 201: product } } },
  async (request, reply) => {
    const { sku, name, description, price } = request.body;
    const values = [
      randomUUID(), sku, name, description, price.amount_minor, price.currency, new Date(),
    ];
    const { rows } = await pool.query({ name: "create", text: CREATE, values });
    return reply.code(201).send(rows[0]);
  },
);

await app.listen({ port: Number(options.port), host: "127.0.0.1" });
process.once("SIGTERM", async () => {
  await app.close();
  await pool.end();
});
