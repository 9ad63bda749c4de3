// Right uses of the generated types, all of which the compiler must accept.
import { createClient } from "@supabase/supabase-js"
import { Constants, type Database, type Enums, type Tables, type TablesInsert, type TablesUpdate } from "./database.types"
import { errors, type ErrorName, type FunctionErrors } from "./errors"

const client = createClient<Database>("http://localhost", "key")

export async function select(): Promise<Enums<"risk_tier">[]> {
  const { data, error } = await client.from("trust_profiles").select("actor_id, risk_tier, trust_score").eq("risk_tier", "B")
  if (error) throw error
  const scores: number[] = data.map((profile) => profile.trust_score)
  return scores.length > 0 ? data.map((profile) => profile.risk_tier) : []
}

export async function selectRelated(): Promise<string[]> {
  const { data } = await client.from("tenant_members").select("user_id, tenants(name)")
  return (data ?? []).map((member) => member.tenants.name)
}

export async function insert(scope: TablesInsert<"scope_definitions">): Promise<Tables<"scope_definitions"> | null> {
  const { data } = await client.from("scope_definitions").insert({ ...scope, is_delegable: true }).select().single()
  return data
}

export async function update(change: TablesUpdate<"tenants">) {
  return client.from("tenants").update(change).eq("tenant_id", "00000000-0000-0000-0000-000000000000")
}

export async function call(): Promise<string> {
  const { data: tokens } = await client.rpc("issue_delegation_token_v1", { p_service_id: "mailer", p_scopes: ["dm:create"] })
  const { data: tier } = await client.rpc("get_trust_tier_v1", { p_actor_type: "user", p_actor_id: "x" })
  const { data: event } = await client.rpc("record_risk_event_v1", {
    p_actor_type: "user",
    p_actor_id: "x",
    p_event_type: "login",
    p_meta: { attempts: [1, 2], nested: { ok: true } },
  })
  const { data: purged } = await client.rpc("purge_risk_events_v1")
  const token: string | undefined = tokens?.[0]?.token
  const exact: Enums<"risk_tier"> | null = tier
  return `${token} ${exact} ${(event ?? 0) + (purged ?? 0)}`
}

export const tiers: readonly Enums<"risk_tier">[] = Constants.public.Enums.risk_tier
export const first: "A" = Constants.public.Enums.risk_tier[0]

export function isDeclared(message: string): message is ErrorName {
  return Object.hasOwn(errors, message)
}

export function status(error: FunctionErrors["public"]["record_risk_event_v1"]): number {
  return error === "actor_context_required" ? errors.actor_context_required.status : errors[error].status
}
export const forbidden: 403 = errors.actor_context_required.status
