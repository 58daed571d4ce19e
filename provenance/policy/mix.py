"""Rulings -> final decisions: each stratum balanced to its share, and a reason for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from provenance import batch
from provenance.policy import caps
from provenance.policy.balance import select
from provenance.policy.budget import Supply, settle, target_tokens
from provenance.policy.model import Caps, Mix, Policy, Stratum, Tails
from provenance.policy.sampling import Words, ascending, id_words, sampling_keys
from provenance.policy.statements import statement
from provenance.policy.tails import in_tail, tail_weights
from provenance.session import Session

_WEIGHTS = pa.schema([("doc_id", pa.binary()), ("weight", pa.float32())])
_OVER_CAPS = pa.schema([("doc_id", pa.binary()), ("reason", pa.string())])
_SELECTION = pa.schema([("doc_id", pa.binary()), ("epochs", pa.int32())])


@dataclass(frozen=True, slots=True)
class StratumReport:
    """One stratum of the mix. Kept tokens count once per epoch.

    epochs: mean passes over the supply. shortfall_tokens: what is missing to the share of the
    budget that the policy asked for; 0 unless the mix was shrunk.
    """

    name: str
    share: float
    max_epochs: int
    supply_documents: int
    supply_tokens: int
    target_tokens: int
    kept_documents: int
    kept_tokens: int
    epochs: float
    share_achieved: float
    shortfall_tokens: int


@dataclass(frozen=True, slots=True)
class MixReport:
    """What became of all documents. Without a mix, budgets are None and there are no strata."""

    documents: int
    kept_documents: int
    kept_tokens: int
    dropped: Mapping[str, int]
    asked_tokens: int | None
    budget_tokens: int | None
    strata: tuple[StratumReport, ...]


def mix(session: Session, policy: Policy) -> MixReport:
    """Complete table `decisions` with decision, protected, weight and epochs; reasons grow.

    Reads what `decide` wrote. The rarest human documents lose the reasons that rules over quality
    columns gave them. A document over a cap, one that no stratum takes, or whose stratum is full,
    is dropped with `over_host_cap`, `over_lang_cap`, `no_stratum` or `over_budget`. Raises
    PolicyError when the mix is infeasible and the policy does not allow a smaller one. Run once
    per `decide`.
    """
    session.register("tail_weights", _weights(session, policy.tails))
    session.run(statement("protect"))
    if policy.mix is not None:
        _apply_caps(session, policy.mix.caps, seed=policy.seed)
    supplies = _supplies(session)
    budget = settle(policy.mix, supplies) if policy.mix else None
    session.register("selection", _selection(session, policy, budget))
    session.run(statement("final"), balanced=policy.mix is not None)
    session.run("DROP VIEW tail_weights")
    session.run("DROP VIEW selection")
    return _report(session, policy.mix, supplies, budget=budget)


def _supplies(session: Session) -> dict[str, Supply]:
    rows = session.rows(statement("supply"))
    return {name: Supply(documents, tokens) for name, documents, tokens in rows}


def _ids(table: pa.Table) -> Words:
    """The doc_id column of a DuckDB result as words, shape [n, 2]."""
    column = table.column("doc_id").cast(batch.DOC_ID).combine_chunks()
    chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    start = chunk.offset * 16
    return id_words(memoryview(chunk.buffers()[1])[start : start + 16 * len(chunk)])


def _weights(session: Session, tails: Tails | None) -> pa.Table:
    """The weights of the documents in the tail."""
    if tails is None:
        return _WEIGHTS.empty_table()
    table = session.table(statement("rarity"), measure=tails.measure)
    rarity = table.column("rarity").to_numpy()
    weights = tail_weights(rarity, protect=tails.protect, max_weight=tails.max_weight)
    tail = in_tail(rarity, protect=tails.protect)
    columns = [table.column("doc_id").filter(pa.array(tail)), pa.array(weights[tail])]
    return pa.Table.from_arrays(columns, schema=_WEIGHTS)


def _apply_caps(session: Session, limits: Caps, *, seed: int) -> None:
    """Drop, in `decisions`, what hosts and then languages offer beyond their caps."""
    if limits.host is not None:
        table = session.table(statement("offered"))
        hosts = table.column("host").combine_chunks().dictionary_encode()
        _drop_over(session, table, hosts, "over_host_cap", seed=seed,
                   group_caps=caps.host_caps(hosts, limits.host))  # fmt: skip
    if limits.lang:
        table = session.table(statement("offered"))
        languages = table.column("lang").combine_chunks().dictionary_encode()
        _drop_over(session, table, languages, "over_lang_cap", seed=seed,
                   group_caps=caps.language_caps(languages, limits.lang))  # fmt: skip


def _drop_over(
    session: Session, table: pa.Table, groups: pa.DictionaryArray, reason: str,
    *, seed: int, group_caps: caps.I64,
) -> None:  # fmt: skip
    ids = _ids(table)
    order = ascending(sampling_keys(ids, table.column("weight").to_numpy(), seed=seed), ids)
    over = caps.over_cap(groups, table.column("n_tokens").to_numpy(), order, caps=group_caps)
    dropped = table.column("doc_id").filter(pa.array(over))
    columns = [dropped, pa.array([reason] * len(dropped), pa.string())]
    session.register("over_caps", pa.Table.from_arrays(columns, schema=_OVER_CAPS))
    session.run(statement("cap"))
    session.run("DROP VIEW over_caps")


def _selection(session: Session, policy: Policy, budget: int | None) -> pa.Table:
    """The documents that count, with their epochs, over all strata."""
    if policy.mix is None or budget is None:
        return _SELECTION.empty_table()
    return pa.concat_tables(
        _stratum_selection(session, stratum, budget=budget, seed=policy.seed)
        for stratum in policy.mix.strata
    )


def _stratum_selection(session: Session, stratum: Stratum, *, budget: int, seed: int) -> pa.Table:
    target = target_tokens(stratum.share, budget)
    if target == 0:
        return _SELECTION.empty_table()
    table = session.table(statement("candidates"), stratum=stratum.name)
    epochs = select(
        _ids(table),
        table.column("n_tokens").to_numpy(),
        table.column("weight").to_numpy(),
        target_tokens=target,
        max_epochs=stratum.max_epochs,
        seed=seed,
    )
    counted = epochs > 0
    columns = [table.column("doc_id").filter(pa.array(counted)), pa.array(epochs[counted])]
    return pa.Table.from_arrays(columns, schema=_SELECTION)


def _report(
    session: Session, wanted: Mix | None, supplies: Mapping[str, Supply], *, budget: int | None
) -> MixReport:
    rows = session.rows(statement("kept"))
    kept = {stratum: Supply(n, tokens) for stratum, reason, n, tokens in rows if reason is None}
    dropped: dict[str, int] = {}
    for _, reason, documents, _ in rows:
        if reason is not None:
            dropped[reason] = dropped.get(reason, 0) + documents
    kept_documents = sum(part.documents for part in kept.values())
    asked = None if wanted is None or wanted.budget == "max" else wanted.budget
    return MixReport(
        documents=kept_documents + sum(dropped.values()),
        kept_documents=kept_documents,
        kept_tokens=sum(part.tokens for part in kept.values()),
        dropped=dict(sorted(dropped.items())),
        asked_tokens=asked,
        budget_tokens=budget,
        strata=_strata_reports(wanted, supplies, kept, budget=budget),
    )


def _strata_reports(
    wanted: Mix | None,
    supplies: Mapping[str, Supply],
    kept: Mapping[str, Supply],
    *,
    budget: int | None,
) -> tuple[StratumReport, ...]:
    if wanted is None or budget is None:
        return ()
    total = sum(part.tokens for part in kept.values())
    asked = budget if wanted.budget == "max" else wanted.budget
    reports = []
    for stratum in wanted.strata:
        supply = supplies.get(stratum.name, Supply())
        part = kept.get(stratum.name, Supply())
        target = target_tokens(stratum.share, budget)
        reports.append(
            StratumReport(
                name=stratum.name,
                share=stratum.share,
                max_epochs=stratum.max_epochs,
                supply_documents=supply.documents,
                supply_tokens=supply.tokens,
                target_tokens=target,
                kept_documents=part.documents,
                kept_tokens=part.tokens,
                epochs=part.tokens / supply.tokens if supply.tokens else 0.0,
                share_achieved=part.tokens / total if total else 0.0,
                shortfall_tokens=target_tokens(stratum.share, asked) - target,
            )
        )
    return tuple(reports)
