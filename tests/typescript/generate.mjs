// Prints what upstream generates from a database: node generate.mjs <socket directory> <port> <user> <database> <schema>…
import pg from "pg"
import { introspect } from "@supabase/postgrest-typegen/introspection"
import { generateTypescript, sortGeneratorMetadata } from "@supabase/postgrest-typegen/generation"

const [host, port, user, database, ...includedSchemas] = process.argv.slice(2)
const pool = new pg.Pool({ host, port: Number(port), user, database })
const metadata = sortGeneratorMetadata(await introspect(pool, { includedSchemas }))
await pool.end()
process.stdout.write(await generateTypescript(metadata, { detectOneToOneRelationships: true }))
