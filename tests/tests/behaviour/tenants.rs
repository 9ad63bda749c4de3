//! Tenants and their members.

use trust_lite::functions::*;
use trust_lite::tables::{TenantMembers, Tenants};
use uuid::Uuid;

use crate::support::{ADMIN, Cell, GHOST, GUEST, MEMBER, OWNER, STRANGER, World};

const ROLES: [&str; 4] = ["guest", "member", "admin", "owner"];

pub async fn creating(cell: Cell) {
    let world = World::open(cell).await;
    let owner = world.user(OWNER).await;
    for (given, stored) in
        [("A", "A"), ("  Ünïcode & Söhne '; drop table x; -- ", "Ünïcode & Söhne '; drop table x; --"), (&"x".repeat(200), &"x".repeat(200))]
    {
        let tenant = owner.call(CreateTenantV1::new(given)).await;
        let row: Tenants = owner.row(&format!("tenant_id = '{tenant}'")).await;
        assert_eq!((row.name.as_str(), row.status.as_str()), (stored, "active"));
        let member: TenantMembers = owner.row(&format!("tenant_id = '{tenant}'")).await;
        assert_eq!((member.user_id, member.role.as_str()), (OWNER, "owner"));
    }
    for name in ["", " ", "   ", &"x".repeat(201)] {
        assert_eq!(owner.refused(CreateTenantV1::new(name)).await, "invalid_tenant_name", "{name:?}");
    }
    assert_eq!(owner.refused_sql("create_tenant_v1", "null").await, "invalid_tenant_name");

    let ghost = world.user(GHOST).await;
    assert_eq!(ghost.refused(CreateTenantV1::new("x")).await, "user_not_found");
    assert_eq!(world.operator.count("select count(*) from public.tenants").await, 3, "a refusal leaves no tenant without an owner");
}

pub async fn adding_members(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let adding = |role: &str| AddTenantMemberV1::new(team.tenant, STRANGER).with_role(role);

    assert_eq!(team.stranger.refused(adding("member")).await, "tenant_membership_required");
    assert_eq!(team.guest.refused(adding("guest")).await, "tenant_role_required");
    assert_eq!(team.member.refused(adding("guest")).await, "tenant_role_required");
    assert_eq!(team.admin.refused(adding("owner")).await, "tenant_role_required", "only an owner makes owners");
    assert_eq!(team.owner.refused(adding("boss")).await, "invalid_role");
    assert_eq!(team.owner.refused(adding("Owner")).await, "invalid_role");
    assert_eq!(team.owner.refused(AddTenantMemberV1::new(team.tenant, GHOST)).await, "user_not_found");
    assert_eq!(team.owner.refused(AddTenantMemberV1::new(Uuid::from_u128(9), STRANGER)).await, "tenant_membership_required");
    let arguments = format!("'{}', null", team.tenant);
    assert_eq!(team.owner.refused_sql("add_tenant_member_v1", &arguments).await, "invalid_argument");
    for user in [OWNER, ADMIN, MEMBER, GUEST] {
        assert_eq!(team.owner.refused(AddTenantMemberV1::new(team.tenant, user)).await, "member_exists");
    }
    // Nobody raises himself by adding himself again.
    assert_eq!(team.admin.refused(AddTenantMemberV1::new(team.tenant, ADMIN).with_role("admin")).await, "member_exists");

    for (session, role) in [(&team.admin, "guest"), (&team.admin, "member"), (&team.admin, "admin"), (&team.owner, "owner")] {
        session.call(adding(role)).await;
        let row: TenantMembers = team.owner.row(&format!("user_id = '{STRANGER}'")).await;
        assert_eq!((row.tenant_id, row.role.as_str()), (team.tenant, role));
        world.operate(&format!("delete from public.tenant_members where user_id = '{STRANGER}'")).await;
    }
    team.owner.call(AddTenantMemberV1::new(team.tenant, STRANGER)).await;
    let row: TenantMembers = team.owner.row(&format!("user_id = '{STRANGER}'")).await;
    assert_eq!(row.role, "member", "the default");

    world.operate("update public.tenants set status = 'suspended'").await;
    assert_eq!(team.owner.refused(AddTenantMemberV1::new(team.tenant, STRANGER)).await, "tenant_not_active");
}

pub async fn asserting_membership(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let sessions = [&team.guest, &team.member, &team.admin, &team.owner];
    for (held, session) in sessions.iter().enumerate() {
        for (needed, role) in ROLES.iter().enumerate() {
            let request = AssertTenantMemberV1::new(team.tenant).with_min_role(*role);
            if held >= needed {
                session.call(request).await;
            } else {
                assert_eq!(session.refused(request).await, "tenant_role_required", "{} as {role}", ROLES[held]);
            }
        }
    }
    assert_eq!(team.guest.refused(AssertTenantMemberV1::new(team.tenant)).await, "tenant_role_required", "the default is member");
    assert_eq!(team.owner.refused(AssertTenantMemberV1::new(team.tenant).with_min_role("")).await, "invalid_role");
    // The same answer for a foreign tenant and for none at all.
    for tenant in [team.tenant, Uuid::from_u128(9)] {
        assert_eq!(team.stranger.refused(AssertTenantMemberV1::new(tenant)).await, "tenant_membership_required");
    }
    for status in ["suspended", "deleted"] {
        world.operate(&format!("update public.tenants set status = '{status}'")).await;
        assert_eq!(team.owner.refused(AssertTenantMemberV1::new(team.tenant)).await, "tenant_not_active");
        assert_eq!(team.stranger.refused(AssertTenantMemberV1::new(team.tenant)).await, "tenant_membership_required", "strangers learn nothing");
    }
}

pub async fn finding_the_tenant(cell: Cell) {
    let world = World::open(cell).await;
    let owner = world.user(OWNER).await;
    assert_eq!(owner.call(GetUserTenantIdV1::new()).await, None);
    let first = owner.call(CreateTenantV1::new("first")).await;
    let second = owner.call(CreateTenantV1::new("second")).await;
    assert_eq!(owner.call(GetUserTenantIdV1::new()).await, Some(first), "the earliest membership");
    assert_eq!(owner.call(GetUserTenantIdV1::new().with_user_id(OWNER)).await, Some(first));
    assert_eq!(world.service.call(GetUserTenantIdV1::new().with_user_id(OWNER)).await, Some(first));
    assert_eq!(world.service.call(GetUserTenantIdV1::new().with_user_id(STRANGER)).await, None);

    world.operate(&format!("update public.tenant_members set created_at = created_at - interval '1 day' where tenant_id = '{second}'")).await;
    assert_eq!(owner.call(GetUserTenantIdV1::new()).await, Some(second));
    world.operate(&format!("update public.tenants set status = 'suspended' where tenant_id = '{second}'")).await;
    assert_eq!(owner.call(GetUserTenantIdV1::new()).await, Some(second), "a suspended tenant is still the user's");
    world.operate(&format!("update public.tenants set status = 'deleted' where tenant_id = '{second}'")).await;
    assert_eq!(owner.call(GetUserTenantIdV1::new()).await, Some(first), "a deleted one is not");

    assert_eq!(owner.refused(GetUserTenantIdV1::new().with_user_id(STRANGER)).await, "actor_mismatch");
    assert_eq!(world.service.refused(GetUserTenantIdV1::new()).await, "actor_context_required");
}
