"""Standard links: slugs for hosts and event types, and the address of a link that is no secret."""

import sqlalchemy as sa
from alembic import op

from singleuse_app import tokens
from singleuse_app.scheduling.slugs import slug_of

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SLUG = (
    "VARCHAR NOT NULL DEFAULT 'x' CONSTRAINT ck_{table}_slug CHECK "
    "(length(slug) BETWEEN 1 AND 60 AND trim(slug, 'abcdefghijklmnopqrstuvwxyz0123456789-') = '')"
)
ADDRESS = (
    "VARCHAR CONSTRAINT ck_scheduling_link_address CHECK (address IS NULL OR (max_uses = 2147483647"
    " AND address LIKE 'with/%'))"
)
STANDARD = sa.text("address IS NOT NULL")


def upgrade() -> None:
    op.execute(f"ALTER TABLE host ADD COLUMN slug {SLUG.format(table='host')}")
    op.execute(f"ALTER TABLE event_type ADD COLUMN slug {SLUG.format(table='event_type')}")
    op.execute(f"ALTER TABLE scheduling_link ADD COLUMN address {ADDRESS}")
    _name("host", "host")
    _name("event_type", "meeting", owner="host_id")
    op.create_index("uq_host_slug", "host", ["slug"], unique=True)
    op.create_index("uq_event_type_slug", "event_type", ["host_id", "slug"], unique=True)
    op.create_index(
        "uq_scheduling_link_standard",
        "scheduling_link",
        ["event_type_id"],
        unique=True,
        sqlite_where=STANDARD,
        postgresql_where=STANDARD,
    )


def downgrade() -> None:
    """A standard link stays, for the sake of its bookings, as one without a limit that nobody has been handed."""
    _give_each_standard_link_a_token()
    op.drop_index("uq_scheduling_link_standard", "scheduling_link")
    op.drop_index("uq_event_type_slug", "event_type")
    op.drop_index("uq_host_slug", "host")
    if op.get_bind().dialect.name == "postgresql":  # it names another column than the one that brought it
        op.execute("ALTER TABLE scheduling_link DROP CONSTRAINT ck_scheduling_link_address")
    op.execute("ALTER TABLE scheduling_link DROP COLUMN address")
    op.execute("ALTER TABLE event_type DROP COLUMN slug")
    op.execute("ALTER TABLE host DROP COLUMN slug")


def _give_each_standard_link_a_token() -> None:
    columns = [sa.column("id", sa.Uuid()), sa.column("kid"), sa.column("token_hash"), sa.column("address")]
    link = sa.table("scheduling_link", *columns)
    standard = sa.select(link.c.id).where(link.c.address.is_not(None))
    for key in op.get_bind().execute(standard).scalars().all():
        kid = tokens.current_kid()
        digest = tokens.hash_token(tokens.derive(tokens.LINK, key, kid))
        op.execute(link.update().where(link.c.id == key).values(kid=kid, token_hash=digest))


def _name(table: str, otherwise: str, *, owner: str | None = None) -> None:
    """Give every row a slug made from its name, the oldest first."""
    columns = [sa.column("id", sa.Uuid()), sa.column("name"), sa.column("slug"), sa.column("host_id", sa.Uuid())]
    rows = sa.table(table, *columns)
    taken: dict[object, set[str]] = {}
    wanted = sa.select(rows.c.id, rows.c.name, rows.c[owner] if owner else sa.null()).order_by(rows.c.id)
    for key, name, owned_by in op.get_bind().execute(wanted).all():
        others = taken.setdefault(owned_by, set())
        slug = slug_of(name, otherwise=otherwise, taken=others)
        others.add(slug)
        op.execute(rows.update().where(rows.c.id == key).values(slug=slug))
