"""Scenes of the sandbox's own pages."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage
from smtpy_desktop.sandbox.mail_view import MailView
from smtpy_desktop.sandbox.sample_catalogue import NORTHWIND
from smtpy_desktop.sandbox.stripe_details_view import StripeDetails
from smtpy_desktop.sandbox.stripe_view import StripeView
from smtpy_desktop.sandbox.stripe_view_words import action_words
from smtpy_desktop.sandbox.zones_view import ZonesView
from smtpy_desktop.views.widgets.buttons import Button

View = TypeVar("View", bound=QWidget)

_DOMAIN = "delta-archive.example"


def _zones(stage: Stage) -> Script:
    yield from _zones_ready(stage)
    yield stage.window


def _record(stage: Stage) -> Script:
    yield from _zones_ready(stage)
    _view(stage, ZonesView).details_view.add_record()
    yield (yield from stage.dialog())


def _zones_ready(stage: Stage) -> Script:
    yield from stage.page("zones")
    yield from stage.select(_view(stage, ZonesView).table, _DOMAIN)


def _mail(stage: Stage) -> Script:
    yield from stage.page("sandbox-mail")
    table = _view(stage, MailView).table
    if table.model().rowCount():
        table.selectRow(0)
    yield from stage.calm()
    yield stage.window


def _stripe(stage: Stage) -> Script:
    yield from stage.page("stripe")
    yield from stage.select(_view(stage, StripeView).table, NORTHWIND)
    yield stage.window


def _delete_customer(stage: Stage) -> Script:
    yield from stage.page("stripe")
    yield from stage.select(_view(stage, StripeView).table, NORTHWIND)
    details, words = _view(stage, StripeDetails), action_words("delete")
    next(button for button in details.findChildren(Button) if button.text() == words).click()
    yield (yield from stage.dialog())


def _view(stage: Stage, kind: type[View]) -> View:
    return stage.window.findChildren(kind)[0]


SANDBOX_SCENES = (
    Sketch("sandbox-zones", "The sandbox's zones", _zones),
    Sketch("sandbox-record", "A record of a zone", _record),
    Sketch("sandbox-mail", "The sandbox's mail", _mail),
    Sketch("sandbox-stripe", "The sandbox's Stripe", _stripe),
    Sketch("sandbox-stripe-delete", "Delete a customer of the sandbox?", _delete_customer),
)
