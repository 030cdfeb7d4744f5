"""The Bottle application: routes from the API's rows and the page's files, errors as JSON."""

import logging
from collections.abc import Callable
from typing import Any

from engine.chat.errors import Refused
from engine.chat.views import Attachment, Pieces, plain
from engine.web import answers, fields, gate
from engine.web.answers import JSON_TYPE, Refusal
from engine.web.api import PREFIX, ROWS, Api, Ask, Row
from engine.web.bottle_import import bottle
from engine.web.handler import BODY
from engine.web.pages import File, Pages, takes_gzip

log = logging.getLogger(__name__)

_NOTHING_HERE = Refusal(404, "not_found", "There is nothing at this address.")
_WRONG_METHOD = Refusal(405, "method_not_allowed", "This address does not take this method.")


def make_app(api: Api, pages: Pages) -> Callable[..., Any]:
    """Make the WSGI application that stands behind the gate."""
    app = bottle.Bottle()
    app.config["catchall"] = False  # what nobody expected is the handler's: 500, as JSON
    app.error(404)(lambda error: _answer(_NOTHING_HERE))
    app.error(405)(lambda error: _answer(_WRONG_METHOD))
    for row in ROWS:
        app.route(PREFIX + row.rule, row.method, _callback(api, row))
    app.route("/", "GET", lambda: _file(pages.page()))
    app.route("/favicon.ico", "GET", lambda: _file(pages.icon()))
    app.route("/static/<name:path>", "GET", lambda name: _file(pages.file(name)))
    application: Callable[..., Any] = app.wsgi
    return application


def _callback(api: Api, row: Row) -> Callable[..., bytes | Pieces]:
    def call(**path: str) -> bytes | Pieces:
        environ = bottle.request.environ
        try:
            query = fields.parse_query(environ["QUERY_STRING"])
            if row.streamed:
                ask = Ask({}, query, read=environ["wsgi.input"].read)
            elif row.raw:
                ask = Ask({}, query, environ[BODY])
            else:
                ask = Ask(fields.parse_body(environ[BODY]), query)
            result = row.call(api, ask, **path)
        except Refused as refused:
            result = answers.refusal_of(refused)
        if isinstance(result, Refusal):
            return _answer(result)
        if isinstance(result, Attachment):
            return _attached(result)
        bottle.response.status = answers.status_line(row.status)
        bottle.response.content_type = JSON_TYPE
        return answers.as_json(plain(result))

    return call


def _answer(refusal: Refusal) -> bytes:
    bottle.response.status = answers.status_line(refusal.status)
    bottle.response.content_type = JSON_TYPE
    for name, value in refusal.headers:
        bottle.response.set_header(name, value)
    return refusal.body()


def _attached(attachment: Attachment) -> Pieces:
    """A file to be saved, sent as it is made. Whoever sends it closes it."""
    response = bottle.response
    response.content_type = gate.OCTETS
    response.set_header("Content-Disposition", f'attachment; filename="{attachment.name}"')
    if attachment.size is not None:
        response.set_header("Content-Length", str(attachment.size))
    return attachment.pieces


def _file(found: File | None) -> bytes:
    if found is None:
        return _answer(_NOTHING_HERE)
    bottle.response.content_type = found.kind
    bottle.response.set_header("Vary", "Accept-Encoding")
    if found.packed is None or not takes_gzip(
        bottle.request.environ.get("HTTP_ACCEPT_ENCODING", "")
    ):
        return found.content
    bottle.response.set_header("Content-Encoding", "gzip")
    return found.packed
