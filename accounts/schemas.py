"""The shapes in which the API takes and tells an account. The forms and services check, these only name."""

from ninja import Field, Schema
from pydantic import field_validator


class Strict(Schema):
    """A body in which nothing may stand that is not read."""

    model_config = {"extra": "forbid"}

    @field_validator("*")
    @classmethod
    def can_be_stored(cls, value: str | None) -> str | None:
        """JSON can write half a character, which no database takes."""
        try:
            return value and value.encode().decode()
        except UnicodeEncodeError as error:
            raise ValueError("There is a character here that can’t be kept.") from error


class RegisterIn(Strict):
    username: str = Field(examples=["satoshi"])
    email: str = Field(examples=["satoshi@example.org"])
    password: str = Field(examples=["correct horse battery"])


class RegisterOut(Schema):
    id: int = Field(examples=[7])
    username: str = Field(examples=["satoshi"])


class SignInIn(Strict):
    username: str = Field(examples=["satoshi"])
    password: str = Field(examples=["correct horse battery"])


class RefreshIn(Strict):
    refresh: str = Field(description="The refresh token of the last answer.", examples=["eyJ…"])


class PairOut(Schema):
    access: str = Field(
        description="Shown as `Authorization: Bearer …`; good for ten minutes.", examples=["eyJ…"]
    )
    refresh: str = Field(
        description="Good once, within 30 days; its use answers with the next.", examples=["eyJ…"]
    )


class MeOut(Schema):
    id: int = Field(examples=[7])
    username: str = Field(examples=["satoshi"])
    email: str = Field(examples=["satoshi@example.org"])
    currency: str = Field(examples=["EUR"])
    timezone: str = Field(examples=["Europe/Vienna"])


class MeIn(Strict):
    """What is left out, or null, stays as it is."""

    email: str | None = Field(None, examples=["satoshi@example.org"])
    currency: str | None = Field(None, examples=["EUR"])
    timezone: str | None = Field(None, examples=["Europe/Vienna"])
    password: str | None = Field(
        None,
        max_length=4096,
        description="For another address of mail, where a session asks and no token.",
        examples=["correct horse battery"],
    )
