"""Detectors by name. Names map to "module:Class" text, so that listing loads nothing.

`DetectorSpec.needs` of the class says what its constructor is given.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from detectors.protocol import Detector

GROUP: Final = "provenance.detectors"  # entry points of this group are detectors too

BUILT_IN: Final[Mapping[str, str]] = {
    "linear": "detectors.classifier.linear:LinearDetector",
    "stylometry": "detectors.stylometry.detector:Stylometry",
    "encoder": "detectors.classifier.encoder:EncoderDetector",
    "probe": "detectors.classifier.probe:Probe",
    "classifier": "detectors.classifier.sequence:ClassifierDetector",
    "perplexity": "detectors.perplexity.perplexity:Perplexity",
    "log_rank": "detectors.perplexity.log_rank:LogRank",
    "lrr": "detectors.perplexity.lrr:LRR",
    "gltr": "detectors.perplexity.gltr:GLTR",
    "entropy": "detectors.perplexity.entropy:Entropy",
    "fast_detect": "detectors.perplexity.fast_detect:FastDetect",
    "binoculars": "detectors.perplexity.binoculars:Binoculars",
    "token_profile": "detectors.perplexity.token_profile:TokenProfile",
}


class RegistryError(LookupError):
    """A detector name that is unknown, or given twice."""


def registered(plugins: Iterable[EntryPoint] | None = None) -> dict[str, str]:
    """Every detector: name -> "module:Class". Raises RegistryError if a name is given twice.

    plugins: entry points to add; those installed by default.
    """
    found = dict(BUILT_IN)
    for plugin in entry_points(group=GROUP) if plugins is None else plugins:
        if plugin.name in found:
            raise RegistryError(
                f"detector {plugin.name!r} is given twice: {found[plugin.name]} and {plugin.value}"
            )
        found[plugin.name] = plugin.value
    return found


def detector_class(name: str, *, plugins: Iterable[EntryPoint] | None = None) -> type[Detector]:
    """The class of a registered detector. Raises RegistryError, naming the nearest right name."""
    found = registered(plugins)
    if name not in found:
        close = difflib.get_close_matches(name, found, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise RegistryError(f"no detector {name!r}; {hint}(accepted: {', '.join(sorted(found))})")
    module, _, attribute = found[name].partition(":")
    cls: type[Detector] = getattr(import_module(module), attribute)
    return cls
