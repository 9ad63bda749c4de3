// Wrong uses of the generated types. Each marked line must be an error: a mark without one is itself an error.
import { createClient } from "@supabase/supabase-js"
import type { Database, Enums, Tables, TablesInsert, TablesUpdate } from "./database.types"
import { errors, type ErrorName, type FunctionErrors } from "./errors"

const client = createClient<Database>("http://localhost", "key")

// @ts-expect-error no such table
export const unknownTable = client.from("trust_profile")
// @ts-expect-error no such function
export const unknownFunction = client.rpc("record_risk_event_v2", {})
// @ts-expect-error a function of a schema that is not exposed
export const hiddenFunction = client.rpc("token_hash", { p_token: "x" })
// @ts-expect-error no value of the enum
export const unknownValue: Enums<"risk_tier"> = "E"
// @ts-expect-error no value of the enum, in a filter
export const unknownFilter = client.from("trust_profiles").select().eq("risk_tier", "Z")
// @ts-expect-error a required column is missing
export const missing: TablesInsert<"tenants"> = {}
// @ts-expect-error an identity column is PostgreSQL's
export const identity: TablesInsert<"risk_events"> = { event_id: 1, actor_type: "user", actor_id: "x", event_type: "login" }
// @ts-expect-error NOT NULL
export const notNull: TablesUpdate<"tenants"> = { name: null }
// @ts-expect-error a number, not a string
export const wrongType: TablesUpdate<"trust_profiles"> = { trust_score: "50" }
// @ts-expect-error no such column
export const unknownColumn: Tables<"tenants">["nmae"] = "x"
// @ts-expect-error an argument is missing
export const missingArgument = client.rpc("create_tenant_v1", {})
// @ts-expect-error no such argument (rpc itself takes any further ones: its parameter is generic)
export const unknownArgument: Database["public"]["Functions"]["create_tenant_v1"]["Args"] = { p_name: "x", p_nmae: "y" }
// @ts-expect-error an argument of another type
export const wrongArgument = client.rpc("validate_scopes_v1", { p_scopes: "dm:create" })
// @ts-expect-error a trigger function is no function for clients
export type Trigger = Database["public"]["Functions"]["touch_updated_at"]
// @ts-expect-error NULL may be there
export const nullable: string = ({} as Tables<"scope_definitions">).description
// @ts-expect-error no such error
export const unknownError: ErrorName = "actor_context_requird"
// @ts-expect-error the function does not answer this error
export const foreignError: FunctionErrors["public"]["validate_scopes_v1"] = "token_expired"
// @ts-expect-error a declared error is constant
errors.actor_context_required.status = 500
