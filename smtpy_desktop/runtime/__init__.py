"""The only place that knows both asyncio and Qt."""
