"""The pages of an open database, and the shell around them kept up to date. Part of the composition root."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.controllers.background_run import BackgroundRun
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.billing_account import BillingNotice
from smtpy_desktop.schemas.domain_checks import StatusNotice
from smtpy_desktop.schemas.domains import DomainStatus
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.identifiers import DomainId, MessageId, OrganizationId
from smtpy_desktop.schemas.listener_state import ListenerState
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.views.aliases_palette import aliases_palette
from smtpy_desktop.views.billing_palette import billing_palette
from smtpy_desktop.views.billing_told import BillingTold
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.connection_state import show_connection
from smtpy_desktop.views.domain_words import kind_name
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.forwarder_indicator import ForwarderIndicator
from smtpy_desktop.views.forwarder_palette import forwarder_palette
from smtpy_desktop.views.lazy_page import LazyPage
from smtpy_desktop.views.listener_indicator import ListenerIndicator
from smtpy_desktop.views.mail_trials import MailTrials
from smtpy_desktop.views.messages_palette import messages_palette
from smtpy_desktop.views.organizations_menu import ORGANIZATION_KEY, OrganizationsMenu
from smtpy_desktop.views.sidebar_counts import SidebarCounts
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.window_backups import backups_commands
from smtpy_desktop.window_settings import move_listener, settings_actions, settings_provider

if TYPE_CHECKING:
    from smtpy_desktop.sandbox.world import SandboxWorld
    from smtpy_desktop.views.activity_view import ActivityView
    from smtpy_desktop.views.aliases_view import AliasesView
    from smtpy_desktop.views.billing_view import BillingView
    from smtpy_desktop.views.events_view import EventsView
    from smtpy_desktop.views.forwarder_view import ForwarderView
    from smtpy_desktop.views.messages_view import MessagesView
    from smtpy_desktop.views.overview_view import OverviewView
    from smtpy_desktop.views.settings_section import SettingItem
    from smtpy_desktop.views.settings_view import SettingsView
    from smtpy_desktop.window_app import WindowApp


class WindowPages(QObject):
    """Builds the pages once a database is open; they live until another one is opened."""

    def __init__(self, app: WindowApp, services: Services, world: SandboxWorld | None) -> None:
        super().__init__(app)
        self._app = app
        self._window = app.window
        self._services = services
        self.choice = OrganizationChoice(self)
        self.context = ViewContext(
            services=services,
            runner=app.runner,
            bus=app.bus,
            choice=self.choice,
            memory=app.store,
            tell=app.window.show_message,
        )
        self.organizations = OrganizationsMenu(self.context, app.window.top_bar.organizations, self)
        self.domains = DomainsView(self.context)
        app.appearance.follow(self.domains.list.table)
        self.listener = ListenerIndicator(app.window, self._restart_listener, self._move_listener, self)
        self.forwarding = ForwardingState(ForwardingPhase.OFF)
        self.forwarders = ForwarderIndicator(self.context, app.window, lambda: self.forwarding, self)
        self.forwarders.pressed.connect(lambda: app.window.show_page("forwarder"))
        self.trials = MailTrials(self.context, app.window, self)
        self.trials.message_wanted.connect(self._show_message)
        self._add_pages(world)
        self._add_commands()
        app.bus.changed.connect(self._on_changed)
        self._read_organizations()
        self.counts = SidebarCounts(self.context, app.window, self)
        self.billing_told = BillingTold(self.context, self._show_billing_notice, self)
        self.billing_told.counted.connect(self.counts.show_billing)
        self.billing_told.begin()
        self.forwarders.begin()

    @cached_property
    def overview(self) -> OverviewView:
        """The page of the figures, made when it is first shown."""
        from smtpy_desktop.views.overview_view import OverviewView

        view = OverviewView(self.context)
        view.search_wanted.connect(self._show_messages)
        view.domain_wanted.connect(self._show_domain_page)
        view.billing_wanted.connect(self._show_billing)
        return view

    @cached_property
    def aliases(self) -> AliasesView:
        """The page of the aliases, made when it is first shown."""
        from smtpy_desktop.views.aliases_view import AliasesView

        view = AliasesView(self.context)
        view.line_changed.connect(lambda line: self._window.set_page_line("aliases", line))
        view.page_wanted.connect(lambda: self._window.show_page("aliases"))
        view.domain_wanted.connect(self._show_domain_or_all)
        view.simulate_wanted.connect(self.trials.simulate)
        view.test_wanted.connect(self.trials.send_test)
        return view

    @cached_property
    def messages(self) -> MessagesView:
        """The page of the messages, made when it is first shown."""
        from smtpy_desktop.views.messages_view import MessagesView

        window = self._window
        view = MessagesView(self.context)
        view.line_changed.connect(lambda line: window.set_page_line("messages", line))
        view.page_wanted.connect(lambda: window.show_page("messages"))
        view.domain_wanted.connect(self._show_domain_page)
        window.closing.connect(view.finish_deletions)
        window.ask_before_closing(lambda: view.bulk.may_close(window.close))
        return view

    @cached_property
    def forwarder(self) -> ForwarderView:
        """The page of the forwarders, made when it is first shown."""
        from smtpy_desktop.views.forwarder_view import ForwarderTools, ForwarderView

        app = self._app
        tools = ForwarderTools(
            start=lambda: app.runner.run(app.opening.start_forwarder(), owner=self),
            stop=lambda: app.runner.run(app.opening.stop_forwarder(), owner=self),
            state=lambda: self.forwarding,
        )
        view = ForwarderView(self.context, tools)
        view.head.simulate_wanted.connect(self.trials.simulate)
        view.head.settings_wanted.connect(lambda: self.show_settings("forwarding"))
        view.line_changed.connect(lambda line: self._window.set_page_line("forwarder", line))
        view.page_wanted.connect(lambda: self._window.show_page("forwarder"))
        view.search_wanted.connect(self._show_messages)
        view.seen.connect(self.forwarders.show_processes)
        return view

    @cached_property
    def billing(self) -> BillingView:
        """The page of the subscriptions, made when it is first shown."""
        from smtpy_desktop.views.billing_view import BillingView

        view = BillingView(self.context, listener_address=lambda: self.listener.state.address)
        view.settings_wanted.connect(self.show_settings)
        view.page_wanted.connect(lambda: self._window.show_page("billing"))
        return view

    @cached_property
    def events(self) -> EventsView:
        """The page of Stripe's events, made when it is first shown."""
        from smtpy_desktop.controllers.event_intake import EventIntake
        from smtpy_desktop.controllers.test_event_controller import send_test_event
        from smtpy_desktop.gateways.event_poster import HttpEventPoster
        from smtpy_desktop.views.events_actions import EventTools
        from smtpy_desktop.views.events_view import EventsView

        services = self._services
        tools = EventTools(
            intake=EventIntake(services.sessions, services.stripe, services.publish),
            listener=lambda: self.listener.state,
            send_test=lambda address, kind: send_test_event(
                services.stripe, HttpEventPoster(), address, event_type=kind
            ),
        )
        view = EventsView(self.context, tools)
        view.line_changed.connect(lambda line: self._window.set_page_line("events", line))
        view.page_wanted.connect(lambda: self._window.show_page("events"))
        view.settings_wanted.connect(self.show_settings)
        return view

    @cached_property
    def activity(self) -> ActivityView:
        """The page of the audit log, made when it is first shown."""
        from smtpy_desktop.views.activity_view import ActivityView

        view = ActivityView(self.context)
        view.line_changed.connect(lambda line: self._window.set_page_line("activity", line))
        return view

    @cached_property
    def settings(self) -> SettingsView:
        """The page of the settings, made when it is first shown."""
        from smtpy_desktop.views.settings_view import SettingsView

        view = SettingsView(self.context, settings_actions(self._app, self._services))
        view.line_changed.connect(lambda line: self._window.set_page_line("settings", line))
        return view

    def refresh_made(self) -> None:
        """Read again what is shown on the pages that were made, because it is written in another way now."""
        for name in _PAGES:
            if name in self.__dict__ or name == "domains":
                refresh = getattr(self, name).page_actions.refresh
                if refresh is not None:
                    refresh()

    def show_settings(self, section: str) -> None:
        """Show a part of the settings."""
        self._window.show_page("settings")
        self.settings.show_section(section)

    def show_connection(self, error: UserFacingError | None) -> None:
        """Tell that the database is away, or there again."""
        show_connection(self._window, error)

    def show_listener(self, state: ListenerState) -> None:
        """Tell how the webhook listener is doing."""
        self.listener.show_state(state)

    def show_forwarder(self, state: ForwardingState) -> None:
        """Tell how the forwarder in this window is doing."""
        self.forwarding = state
        self.forwarders.follow_here()
        if "forwarder" in self.__dict__:  # the page was made
            self.forwarder.follow_here()

    def show_notice(self, notice: StatusNotice) -> None:
        """Tell once that a domain's status changed by itself."""
        records = ", ".join(kind_name(kind) for kind in notice.records)
        if notice.new is DomainStatus.VERIFIED:
            message = Message(tr("{name} is verified.", name=notice.name), key=f"status-{notice.domain_id}")
        else:
            words = tr("{name} stopped passing {records}. Mail is still forwarded.", name=notice.name, records=records)
            message = Message(
                words,
                Tone.WARN,
                action_text=tr("Show"),
                action=lambda: self._show_domain(notice),
                key=f"status-{notice.domain_id}",
            )
        self._window.show_message(message)

    def show_run(self, run: BackgroundRun[Any]) -> None:
        """Show what is being done by the clock, when that takes long; it can be stopped there."""
        self._app.runner.run(
            run.outcome(),
            owner=self,
            on_error=say_nothing,
            progress=run.progress,
            title=translated(run.title),
            is_background=True,
        )

    def _add_pages(self, world: SandboxWorld | None) -> None:
        window = self._window
        was_here_before = self._app.store.value("window/page") is not None
        overview, messages = LazyPage(lambda: self.overview), LazyPage(lambda: self.messages)
        forwarder, billing = LazyPage(lambda: self.forwarder), LazyPage(lambda: self.billing)
        activity, settings = LazyPage(lambda: self.activity), LazyPage(lambda: self.settings)
        events = LazyPage(lambda: self.events)
        window.add_page(
            "overview", tr("Overview"), "layout-dashboard", overview, actions=lambda: self.overview.page_actions
        )
        window.add_page("domains", tr("Domains"), "world", self.domains, actions=self.domains.page_actions)
        aliases = LazyPage(lambda: self.aliases)
        window.add_page("aliases", tr("Aliases"), "at", aliases, actions=lambda: self.aliases.page_actions)
        window.add_page("messages", tr("Messages"), "mail", messages, actions=lambda: self.messages.page_actions)
        window.add_page(
            "forwarder", tr("Forwarder"), "mail-forward", forwarder, actions=lambda: self.forwarder.page_actions
        )
        window.add_page("billing", tr("Billing"), "credit-card", billing, actions=lambda: self.billing.page_actions)
        window.add_page("events", tr("Events"), "webhook", events, actions=lambda: self.events.page_actions)
        window.add_page("activity", tr("Activity"), "history", activity, actions=lambda: self.activity.page_actions)
        if world is not None:
            from smtpy_desktop.sandbox.mail_view import MailView
            from smtpy_desktop.sandbox.stripe_view import StripeView
            from smtpy_desktop.sandbox.zones_view import ZonesView

            zones, stripe = ZonesView(self.context, world), StripeView(self.context, world)
            mail = MailView(self.context, world)
            window.add_page("zones", tr("Sandbox zones"), "flask", zones, actions=zones.page_actions)
            window.add_page("sandbox-mail", tr("Sandbox mail"), "flask", mail, actions=mail.page_actions)
            window.add_page("stripe", tr("Sandbox Stripe"), "flask", stripe, actions=stripe.page_actions)
        window.add_page(
            "settings",
            tr("Settings"),
            "settings",
            settings,
            group="bottom",
            actions=lambda: self.settings.page_actions,
        )
        if not was_here_before:
            window.show_page("domains")  # where the first steps are
        self.domains.settings_wanted.connect(self.show_settings)
        self.domains.aliases_wanted.connect(lambda domain_id: self.aliases.show_domain(DomainId(domain_id)))
        self.domains.simulate_wanted.connect(self.trials.simulate)
        self.domains.test_wanted.connect(self.trials.send_test)
        self.domains.page_wanted.connect(lambda: window.show_page("domains"))
        self.domains.line_changed.connect(lambda line: window.set_page_line("domains", line))

    def _add_commands(self) -> None:
        window = self._window
        window.clear_commands()
        for entry in (
            *self.domains.palette_provider.commands,
            *aliases_palette(lambda: self.aliases),
            *messages_palette(lambda: self.messages),
            *forwarder_palette(lambda: self.forwarder, is_read_only=self._services.is_read_only),
            *self.trials.commands,
            *billing_palette(lambda: self.billing),
            *backups_commands(self._app, self._services, lambda: self.settings.backups, self.show_settings),
            *self._app.support.commands,
            *self._app.profiles.commands,
        ):
            window.add_command(entry)
        window.add_command(
            PaletteEntry(tr("Change connection…"), self._app.change_connection, "database", tr("Action"))
        )
        window.add_command(PaletteEntry(tr("Webhook listener…"), self.listener.open, "webhook", tr("Action")))
        window.messages.zone_pressed.connect(self._show_zone)
        window.top_bar.search.set_provider(
            self.domains.palette_provider.search,
            self._app.profiles.search,
            settings_provider(lambda: self.settings, self._show_setting),
        )

    def _show_message(self, number: int) -> None:
        self._window.show_page("messages")
        self.messages.show_message(MessageId(number))

    def _show_messages(self, search: str) -> None:
        self.messages.show_search(search)

    def _show_zone(self) -> None:
        self._show_setting(self.settings.appearance.times_item)

    def _show_setting(self, item: SettingItem) -> None:
        self._window.show_page("settings")
        self.settings.show_item(item)

    def _restart_listener(self) -> None:
        self._app.runner.run(self._app.opening.restart_listener(), owner=self)

    def _move_listener(self, port: int) -> None:
        self._app.runner.run(move_listener(self._services, port), owner=self)

    def _show_billing(self, organization_id: OrganizationId) -> None:
        self.billing.show_organization(organization_id)

    def _show_billing_notice(self, notice: BillingNotice | None) -> None:
        self.choice.choose(notice.organization_id if notice is not None else None)
        self._window.show_page("billing")

    def _on_changed(self, change: Change) -> None:
        if change.topic is Topic.ORGANIZATIONS:
            self._read_organizations()

    def _read_organizations(self) -> None:
        self._app.runner.run(
            organizations_controller.list_organizations(self._services.sessions),
            owner=self,
            on_success=self._take_organizations,
            on_error=say_nothing,
            replaces="shell-organizations",
        )

    def _take_organizations(self, rows: tuple[OrganizationRow, ...]) -> None:
        self.choice.set_organizations(rows)
        remembered = self._app.store.value(ORGANIZATION_KEY)
        if remembered is not None and self.choice.chosen is None and str(remembered).isdigit():
            self.choice.choose(OrganizationId(int(remembered)))

    def _show_domain(self, notice: StatusNotice) -> None:
        self._show_domain_page(notice.domain_id)

    def _show_domain_or_all(self, domain_id: int) -> None:
        if domain_id:
            self._show_domain_page(DomainId(domain_id))
        else:
            self._window.show_page("domains")

    def _show_domain_page(self, domain_id: DomainId) -> None:
        self._window.show_page("domains")
        self.domains.show_domain(domain_id)


_PAGES = ("overview", "domains", "aliases", "messages", "forwarder", "billing", "events", "activity")
