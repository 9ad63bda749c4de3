//! Service identities and the assertion about them.

use trust_lite::functions::*;
use trust_lite::tables::ServiceIdentities;
use uuid::Uuid;

use crate::support::{Cell, SERVICE, World};

pub async fn creating(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    let creating = |name: &str| CreateServiceIdentityV1::new(team.tenant, name);
    for (session, name) in [(&team.owner, "a"), (&team.admin, "A.b_c:d-9"), (&team.owner, &*"x".repeat(128))] {
        session.call(creating(name)).await;
        let row: ServiceIdentities = team.owner.row(&format!("service_id = '{name}'")).await;
        assert_eq!((row.tenant_id, row.status.as_str()), (team.tenant, "active"));
    }
    for name in ["", " ", ".a", "-a", "a b", "a\n", "a'", "ä", "a/b", &"x".repeat(129)] {
        assert_eq!(team.owner.refused(creating(name)).await, "invalid_service_id", "{name:?}");
    }
    assert_eq!(team.owner.refused(creating(SERVICE)).await, "service_exists");
    assert_eq!(team.member.refused(creating("b")).await, "tenant_role_required");
    assert_eq!(team.guest.refused(creating("b")).await, "tenant_role_required");
    assert_eq!(team.stranger.refused(creating("b")).await, "tenant_membership_required");

    // Two tenants may have services of one name.
    let other = team.stranger.call(CreateTenantV1::new("Other")).await;
    team.stranger.call(CreateServiceIdentityV1::new(other, SERVICE)).await;

    world.operate("update public.tenants set status = 'suspended'").await;
    assert_eq!(team.owner.refused(creating("b")).await, "tenant_not_active");
}

pub async fn asserting_activity(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    let asserting = || AssertServiceActiveV1::new(team.tenant, SERVICE);
    world.service.call(asserting()).await;
    assert_eq!(world.service.refused(AssertServiceActiveV1::new(team.tenant, "nobody")).await, "service_not_found");
    assert_eq!(world.service.refused(AssertServiceActiveV1::new(Uuid::from_u128(9), SERVICE)).await, "service_not_found");
    for status in ["suspended", "revoked"] {
        world.operate(&format!("update public.service_identities set status = '{status}'")).await;
        assert_eq!(world.service.refused(asserting()).await, "service_not_active", "{status}");
    }
    for status in ["suspended", "deleted"] {
        world.operate(&format!("update public.tenants set status = '{status}'")).await;
        assert_eq!(world.service.refused(asserting()).await, "tenant_not_active", "{status}");
    }
    world.operate("update public.tenants set status = 'active'; update public.service_identities set status = 'active'").await;
    world.service.call(asserting()).await;
}
