"""What a site's robots.txt says about training: the groups of AI crawlers and the new directives.

RFC 9309 for groups and paths; `Content-Usage` (draft-ietf-aipref-attach), `Content-Signal`
(Cloudflare) and `License` (RSL 1.0). A group counts when it names a crawler that collects training
data. The group of all crawlers (`*`) says who may fetch, which the crawl obeyed or not; of it only
the new directives count, for they speak of use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from provenance.evidence.rights import Preference, usage_preferences

#: Product tokens of crawlers whose makers say that they collect training data, in lower case.
#: From the makers' pages, November 2026.
TRAINING_AGENTS: Final = frozenset(
    ("ai2bot", "anthropic-ai", "applebot-extended", "bytespider", "ccbot", "claude-web",
     "claudebot", "cohere-ai", "cohere-training-data-crawler", "diffbot", "facebookbot",
     "google-extended", "gptbot", "img2dataset", "meta-externalagent", "omgili", "omgilibot",
     "pangubot", "timpibot", "webzio-extended")
)  # fmt: skip
#: Also purpose tokens, which a draft allows in place of a name.
_PURPOSES: Final = frozenset(("train-ai", "ai-train"))
_EVERYBODY: Final = "*"
#: Characters that a parser must read at least (RFC 9309, section 2.5), and rules that are kept.
MAX_CHARACTERS: Final = 500 * 1024
MAX_RULES: Final = 500
_MAX_VALUE: Final = 1024

_LINE: Final = re.compile(r"[ \t]*([A-Za-z-]{1,32})[ \t]*:([^#\r\n]*)")
_USAGE: Final = ("content-usage", "content-signal")

Rule = TypeVar("Rule")


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What one robots.txt says about training.

    paths: (agent, whether it may fetch, pattern). usages: (pattern, field). licences: addresses.
    """

    paths: tuple[tuple[str, bool, str], ...] = ()
    usages: tuple[tuple[str, str], ...] = ()
    licences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paths or self.usages or self.licences)

    def text(self) -> str:
        """These rules as a robots.txt, which `parse` reads back."""
        agents = dict.fromkeys(agent for agent, _, _ in self.paths)
        lines = [f"License: {address}" for address in self.licences]
        if self.usages:
            lines.append("User-agent: *")
        lines += [f"Content-Usage: {pattern} {field}" for pattern, field in self.usages]
        for name in agents:
            lines.append(f"User-agent: {name}")
            lines += [
                f"{'Allow' if is_allowed else 'Disallow'}: {pattern}"
                for agent, is_allowed, pattern in self.paths
                if agent == name
            ]
        return "\n".join(lines)

    def preferences(self, path: str) -> list[Preference]:
        """What holds for the page at `path` (with its query)."""
        found = [_terms(address) for address in self.licences]
        fitting = [(pattern, field) for pattern, field in self.usages if fits(pattern, path)]
        longest = max((len(pattern) for pattern, _ in fitting), default=0)
        for pattern, field in fitting:
            if len(pattern) == longest:
                found += usage_preferences(field, "robots.txt")
        agents = dict.fromkeys(agent for agent, _, _ in self.paths)
        closed = sorted(agent for agent in agents if not self._may_fetch(agent, path))
        if closed:
            named = ", ".join(closed)
            found.append(Preference("robots.txt", "train_ai", "denied", f"closed to {named}"))
        return found

    def _may_fetch(self, agent: str, path: str) -> bool:
        """The longest pattern that fits decides; of two as long, the one that allows."""
        fitting = [
            (len(pattern), is_allowed)
            for name, is_allowed, pattern in self.paths
            if name == agent and fits(pattern, path)
        ]
        return max(fitting, default=(0, True))[1]


def parse(text: str) -> SiteRules:
    """What the robots.txt `text` says about training."""
    paths: list[tuple[str, bool, str]] = []
    usages: list[tuple[str, str]] = []
    licences: list[str] = []
    for agents, name, value in _directives(text[:MAX_CHARACTERS]):
        if len(paths) + len(usages) + len(licences) >= MAX_RULES:
            break
        named = sorted(agents & TRAINING_AGENTS) or sorted(agents & _PURPOSES)
        if name == "license":
            licences.append(value)
        elif name in _USAGE and (named or not agents or _EVERYBODY in agents):
            usages.append(_usage(value))
        elif name in ("allow", "disallow") and value:
            paths += [(agent, name == "allow", value) for agent in named]
    return SiteRules(_once(paths), _once(usages), _once(licences))


def fits(pattern: str, path: str) -> bool:
    """Whether a pattern of RFC 9309, with `*` and a final `$`, fits the beginning of `path`.

    In time linear in each: every part is taken at its first place behind the one before.
    """
    is_whole = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in parts[:-1] if is_whole else parts:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if not is_whole:
        return True
    if not parts:
        return at == len(path)
    return len(path) - len(parts[-1]) >= at and path.endswith(parts[-1])


def _directives(text: str) -> Iterator[tuple[frozenset[str], str, str]]:
    """(agents of the group in lower case, directive in lower case, value) of each line."""
    agents: frozenset[str] = frozenset()
    is_open = False
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found[1].lower(), found[2].strip()[:_MAX_VALUE]
        if name == "user-agent":
            agents = (agents if is_open else frozenset()) | {value.lower()}
            is_open = True
        else:
            is_open = False
            yield agents, name, value


def _once(rules: list[Rule]) -> tuple[Rule, ...]:
    return tuple(dict.fromkeys(rules))


def _usage(value: str) -> tuple[str, str]:
    """(pattern, field) of `[/path ]train-ai=n`."""
    first, _, rest = value.partition(" ")
    return (first, rest.strip()) if first.startswith("/") else ("/", value)


def _terms(address: str) -> Preference:
    return Preference("robots.txt license", "train_ai", "conditional", address)
