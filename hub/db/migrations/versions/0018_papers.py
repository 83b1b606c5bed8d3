"""Attachments, comments and followers: what goes with a document of whatever type.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False, comment="标识 (Id)"),
        sa.Column("company_id", sa.Uuid(), nullable=False, comment="公司 (Company)"),
        sa.Column("version", sa.Integer(), nullable=False, comment="版本 (Version)"),
        sa.Column("document_type", sa.String(), nullable=False, comment="单据类型 (Document type)"),
        sa.Column("document_id", sa.Uuid(), nullable=False, comment="单据标识 (Document id)"),
        sa.Column("name", sa.Text(), nullable=False, comment="文件名 (File name)"),
        sa.Column("size", sa.Integer(), nullable=False, comment="大小 (Size)"),
        sa.Column("media_type", sa.String(), nullable=False, comment="文件类型 (Media type)"),
        sa.Column("sha256", sa.String(), nullable=False, comment="内容散列 (SHA-256)"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="创建时间 (Created at)",
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False, comment="创建人 (Created by)"),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="修改时间 (Updated at)",
        ),
        sa.Column("updated_by", sa.Uuid(), nullable=False, comment="修改人 (Updated by)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        schema="hub",
        comment="附件 (Attachment)",
    )
    op.create_index(op.f("ix_attachment_company_id"), "attachment", ["company_id"], unique=False, schema="hub")
    op.create_index(op.f("ix_attachment_document_id"), "attachment", ["document_id"], unique=False, schema="hub")
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False, schema="hub")
    op.create_table(
        "comment",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False, comment="标识 (Id)"),
        sa.Column("company_id", sa.Uuid(), nullable=False, comment="公司 (Company)"),
        sa.Column("version", sa.Integer(), nullable=False, comment="版本 (Version)"),
        sa.Column("document_type", sa.String(), nullable=False, comment="单据类型 (Document type)"),
        sa.Column("document_id", sa.Uuid(), nullable=False, comment="单据标识 (Document id)"),
        sa.Column("text", sa.Text(), nullable=False, comment="内容 (Text)"),
        sa.Column("mentioned", sa.ARRAY(sa.Text()), nullable=False, comment="提到的用户 (Users mentioned)"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="创建时间 (Created at)",
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False, comment="创建人 (Created by)"),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="修改时间 (Updated at)",
        ),
        sa.Column("updated_by", sa.Uuid(), nullable=False, comment="修改人 (Updated by)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        schema="hub",
        comment="评论 (Comment)",
    )
    op.create_index(op.f("ix_comment_company_id"), "comment", ["company_id"], unique=False, schema="hub")
    op.create_index(op.f("ix_comment_document_id"), "comment", ["document_id"], unique=False, schema="hub")
    op.create_table(
        "follower",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False, comment="标识 (Id)"),
        sa.Column("company_id", sa.Uuid(), nullable=False, comment="公司 (Company)"),
        sa.Column("version", sa.Integer(), nullable=False, comment="版本 (Version)"),
        sa.Column("document_type", sa.String(), nullable=False, comment="单据类型 (Document type)"),
        sa.Column("document_id", sa.Uuid(), nullable=False, comment="单据标识 (Document id)"),
        sa.Column("user_id", sa.Uuid(), nullable=False, comment="用户 (User)"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="创建时间 (Created at)",
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False, comment="创建人 (Created by)"),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="修改时间 (Updated at)",
        ),
        sa.Column("updated_by", sa.Uuid(), nullable=False, comment="修改人 (Updated by)"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint("document_id", "user_id", name=op.f("uq_follower_document_id_user_id")),
        schema="hub",
        comment="关注者 (Follower)",
    )
    op.create_index(op.f("ix_follower_company_id"), "follower", ["company_id"], unique=False, schema="hub")
    op.create_index(op.f("ix_follower_document_id"), "follower", ["document_id"], unique=False, schema="hub")
    op.create_index(op.f("ix_follower_user_id"), "follower", ["user_id"], unique=False, schema="hub")
    op.create_foreign_key(
        op.f("fk_attachment_company_id"),
        "attachment",
        "company",
        ["company_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
    )
    op.create_foreign_key(
        op.f("fk_comment_company_id"),
        "comment",
        "company",
        ["company_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
    )
    op.create_foreign_key(
        op.f("fk_follower_user_id"),
        "follower",
        "user",
        ["user_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
        ondelete="CASCADE",
    )
    op.create_foreign_key(
        op.f("fk_follower_company_id"),
        "follower",
        "company",
        ["company_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_follower_user_id"), table_name="follower", schema="hub")
    op.drop_index(op.f("ix_follower_document_id"), table_name="follower", schema="hub")
    op.drop_index(op.f("ix_follower_company_id"), table_name="follower", schema="hub")
    op.drop_table("follower", schema="hub")
    op.drop_index(op.f("ix_comment_document_id"), table_name="comment", schema="hub")
    op.drop_index(op.f("ix_comment_company_id"), table_name="comment", schema="hub")
    op.drop_table("comment", schema="hub")
    op.drop_index(op.f("ix_attachment_sha256"), table_name="attachment", schema="hub")
    op.drop_index(op.f("ix_attachment_document_id"), table_name="attachment", schema="hub")
    op.drop_index(op.f("ix_attachment_company_id"), table_name="attachment", schema="hub")
    op.drop_table("attachment", schema="hub")
