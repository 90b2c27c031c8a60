"""How a thing can be said: classes of words by which a rule recognises what a passage is about.

A class holds turns of phrase, never whole sentences of a particular form, so that forms in other words are understood
too. English is known; in a language without a list a rule believes the roles that the author has set.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from clinicpress.documents import (
    Block,
    Document,
    FieldGroup,
    Listing,
    Section,
    Table,
    split_sentences,
    walk,
    words_of,
)
from clinicpress.words import LANGUAGE_ROWS

SPOKEN = frozenset(tag for tag, row in LANGUAGE_ROWS.items() if "claims" in row.knows)
"""The languages whose turns of phrase are known."""


@lru_cache(maxsize=500)
def said(pattern: str, text: str) -> bool:
    """Whether a text holds a turn of phrase. Small and capital letters are the same."""
    return re.search(pattern, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Passage:
    """A section as a reader takes it in: its heading, what its author says it does, and its sentences with their lines.

    `items` counts what stands in lists and table rows. The text before the first heading is a passage without heading.
    """

    heading: str
    roles: tuple[str, ...]
    line: int
    spoken: tuple[tuple[int, str], ...]
    items: int

    @property
    def text(self) -> str:
        """All sentences in one text, without the heading."""
        return "\n".join(sentence for _, sentence in self.spoken)

    def says(self, pattern: str) -> bool:
        """Whether one sentence holds a turn of phrase."""
        return any(said(pattern, sentence) for _, sentence in self.spoken)

    def those_that_say(self, pattern: str) -> tuple[str, ...]:
        """The sentences that hold a turn of phrase."""
        return tuple(sentence for _, sentence in self.spoken if said(pattern, sentence))


@lru_cache(maxsize=200)
def _passage(heading: str, roles: tuple[str, ...], blocks: tuple[Block, ...], line: int) -> Passage:
    text = tuple(block for block in blocks if not isinstance(block, FieldGroup))
    spoken = [(at, sentence) for at, words in words_of(text) for sentence in split_sentences(words)]
    items = 0
    for block in walk(text):
        if isinstance(block, Listing):
            items += len(block.items)
        if isinstance(block, Table):
            items += sum(len(group) for group in block.groups)
            # A row is read as one: what stands at its head holds for all its cells.
            spoken += [(block.line, row) for row in _rows(block)]
    return Passage(heading, roles, line, tuple(spoken), items)


def _rows(table: Table) -> Iterator[str]:
    """The rows of a table, each with the head of its group, as one sentence."""
    for group in filter(None, table.groups):
        head = next(iter(words_of((Table(group[0][:1], (), table.line),))), (0, ""))[1]
        for row in group:
            cells = [text for _, text in words_of((Table(row, (), table.line),)) if text and text != head]
            yield " | ".join([head, *cells])


def passages(document: Document) -> tuple[Passage, ...]:
    """The passages of a document, from top to bottom."""
    opening = _passage("", (), document.opening, document.opening[0].line if document.opening else 1)
    return (opening, *(_of(section) for section in document.sections))


def _of(section: Section) -> Passage:
    return _passage(section.heading, section.roles, section.blocks, section.line)


# Headings by which an author announces a section, by role -------------------------------------------------------------

HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "reason": r"\breason|\bwhy (we|you|it|this|are|do)\b|diagnos|your (condition|problem)|indication",
        "definition": r"\bwhat (is|are) |what it is|what .{0,30}\b(is|means)$|in plain words|descri|nature of"
        r"|about (the|this|your) (\w+ )?(procedure|treatment|test|operation|injection|surgery)|explained$"
        r"|the (procedure|treatment|operation|test)$",
        "expect": r"what (will|to|can|should|you (can|may|should|will)) .{0,12}(happen|expect)|what happens"
        r"|step by step"
        r"|how (it|this) (is|will be) done|how long|during|on the day|the day of|\bafter(wards?|care)?\b|recover"
        r"|what we (will )?do|your visit|the steps",
        "benefits": r"benefit|do(es)? for you|how well|useful|worth|chances?\b"
        r"|good for|what (may|can|could) come of|should do for you|expected improve|why people|(may"
        r"|might|can|could|will|does) (it )?help|gain|advantage|\bpros\b|\bhope|good (it|side)"
        r"|get better|improve|success|why it may be worth|upside|what it can do",
        "risks": r"\brisks?\b|dangerous|(not|n.t) (be )?so (nice|good)"
        r"|what could happen|look out for|side effect|(go|goes) wrong|complication|harm|danger"
        r"|downside|unwanted|problems"
        r"|hazard|what to watch|\bcons\b|drawback",
        "alternatives": r"alternativ(?!e medicine)|in place of|other (\w+ )?(choice|option|way|treatment|thing"
        r"|possibilit)|different (way|treat)"
        r"|instead|else (can|could)|rather than this|(considering|your|my) (other )?(choices|options)|what else"
        r"|besides|options$",
        "no-treatment": r"rather not|do(ing)? without|live with (it|this)|hold(ing)? off|see how it goes|delay"
        r"|\bnothing\b(?! else)|not now|not at all|none at all|stay(ing)? as|as (you are|it is)"
        r"|(do|doing|choose|choosing) nothing(?! else)|\bleav|\bwait(?!ing room)|let it|give it time"
        r"|\bnot (do|hav)ing|without (it|us|the|treat)|prefer not|postpon|if you (pass|prefer|let"
        r"|leave)|(no|without|not having|refus\w+|declin\w+|skip\w*) "
        r"(the |this |any )?(treatment|procedure|it|operation|test|surgery)|if you (wait|do not|don.t|decide against"
        r"|say no)|leav\w+ (it|things) (alone|as)|untreated|wait and see|watchful",
        "status": r"off.label|experiment|research|unlicensed|not approved|\bFDA\b|approv|regulat|licen[cs]",
        "cost": r"\bcost|fees|\bmoney|bills?\b|\bpay|price|insur|coverage|\bfees?\b|financ|money|charge|\bbill",
        "others": r"\b(students?|trainees?|residents?|assistants?|who (else|will)|your team|take part)\b",
        "further-procedures": r"(further|additional|extra|other|more|unplanned|unexpected) (procedure|treatment"
        r"|step)",
        "voluntary": r"voluntar|saying yes|yes or no|\bno (pressure|is an answer)|do i have to|must i"
        r"|reconsider|your (choice|right|decision is yours)|right to|change your mind"
        r"|say(ing)? no|free to"
        r"|refus|withdraw|up to you|your decision$",
        "questions": r"question|\bask\b|contact|who to call|whom to call|call us|reach us|help line",
        "statement": r"statement|signature|sign(ing)?\b|your (consent|agreement)|agreement|declar|what you (agree"
        r"|state)"
        r"|i agree|consent$",
    }
)

# What is said ---------------------------------------------------------------------------------------------------------

HEDGE = (
    r"\b(may|might|can|could|often|sometimes|usually|some|most|many|few|half|likely|unlikely|probabl\w+|perhaps|hope"
    r"|aims?|chance|about|not (always|everyone|sure|certain|known|work for)|cannot|no (promise|guarantee|proof)"
    r"|varies"
    r"|depends|frequently|occasionally|generally|mostly|gradually|in most|not everyone|now and then|uncertain"
    r"|unknown|unclear|expect|limited|mixed|should)\b|can.t (promise|say)|n.t (help|work)"
    r"|\d"
)
GOOD = (
    r"\b(help\w*|relie\w+|eas(e|es|ed|ier|ing)|improv\w+|better|less \w+|fewer|reduc\w+|prevent\w*|clear\w*|heal\w*"
    r"|cure[ds]?|go(es)? away|gone|benefit\w*|comfort\w*|protect\w*|lower\w*|sooner|faster|longer|restor\w+|remov\w+"
    r"|stops (the|your|it)|shrink\w*|fade\w*|smoother|straighter|settle\w*|disappear\w*|find (it|them|cancer"
    r"|the cause) early"
    r"|diagnos\w+|answer|again)\b"
)
POINTS_ELSEWHERE = (
    r"\b(see|read|look at|refer to|find)\b.{0,60}\b(poster|leaflet|brochure|website|web site|page|sheet|board"
    r"|booklet|handout)\b"
    r"|\b(will|can|is going to|shall|would)( \w+)? (tell|explain|talk|go (over|through)|discuss|inform|answer"
    r"|say more)\b"
    r"|\b(will|to|can) be (explained|discussed|told|given)|\b(talk|speak) (about|to|with) .{0,30}\b(this|these|it"
    r"|us|you)\b"
    r"|\bask (us|your|the)\b|\bknows what to do\b|\b(explain|discuss)(ed|es)? (this|these|it|them|all)\b"
)
"""What only says where the answer is. It is no answer."""

NATURAL_COURSE = (
    r"\b(clear|clears|go|goes|heal|heals|settle|settles|ease|eases|resolve|resolves|shrink|disappear|improve|fade"
    r"|fades|is well"
    r"|are well)\b.{0,40}\b(alone|by (itself|themselves)|on (its|their) own|in time|spontaneously"
    r"|within a year)\b"
)
"""What an illness does when it is left alone."""

MAY_HAPPEN = (
    r"\b(may|might|can|could|risks?|rare(ly)?|chances?|happens?|occurs?|sometimes|possible|possibly|some (people"
    r"|patients)"
    r"|few (people|patients)|common\w*|unlikely|\d+ (in|of|out of) (every )?[\d,]+|in a few)\b|\d ?%"
)
DOING_NOTHING = (
    r"^(nothing|none|no treatment|waiting|time|wait|leave it)\b.*\||\b(do(ing)?|choos\w+"
    r"|decid\w+ to do) nothing\b(?! (else|but|more|by))|\bno treatment\b|\bwithout (the |this |any |a "
    r"|being )?(\w+ )?(treat\w*|procedure|operation|surgery|injection|test|it|us)\b|\bnot (be(ing)? )?treat\w*"
    r"|\bnot (hav|do|tak|gett)(e|ing|ting) (it|this|the|any|a)\b|\b(do not|don.t|choose not to|decide not to"
    r"|decide against"
    r"|would rather not|prefer not to) (have|treat|go ahead|do|want|take|get|it|this|the)\b"
    r"|\b(leav\w+|left|let|letting|keep\w*) (it|them|things|this|the( old| whole)? \w+|that)( old one)?( be| run"
    r"| alone| in"
    r"| out| as| where| untreated|[.,;:!?]| for now|$)|\buntreated\b|\b(wait|waiting)\b(?! (room|list|area|\d"
    r"|for (the|your)))"
    r"|\bwatch(ful)?(ing)? (and )?wait\w*|\b(go|going|do|doing|live|living) without\b|\bnothing is done\b"
    r"|\bno action\b"
    r"|\bnot having\b|\bnot (treating|operating)\b|\bhold(ing)? off\b|\bsee how (it|things) go(es)?\b"
    r"|\bdelay(ing)? (it|this|the)"
    r"|\b(is|are) not (done|treated|removed|taken out|given|operated)\b|\bdecid\w+ against\b|\bsay(ing)? no to\b"
    r"|\b(would|.d) rather (not|leave|wait|live)\b|\b(put|putting) up with\b|\b(live|living) with (it|the|this)\b"
    r"|\bskip(ping)? (it|the|this)|\bif you (say no|decline|refuse|pass|prefer)\b|\bpostpon\w+|\bput(ting)? (it"
    r"|this) off"
    r"|\b(stay|keep) away\b|\bgive it time\b|\bomit\b|\bnot be undertaken\b|\b(without|not having) (it|one)\b"
)
MAY_FOLLOW = (
    r"\b(may|might|can|could|will|would|often|usually|likely|tends?|stays?|remains?|keeps?|gets?|goes|go|worse\w*"
    r"|grow\w*"
    r"|spread\w*|heals?|settles?|continues?|lasts?|comes? back|risk|chance|most|many|some)\b"
)
EXPLAINED = (
    r"\b(explained|(was|were|been|am|being) (told|informed|given|shown|taught)|(told|informed|showed|taught) (me"
    r"|us|the patient)"
    r"|(talked|gone|went|walked|taken|spoken|spoke|led) (me |it |this |all |us |everything )*(over|through|with"
    r"|about)"
    r"|discussed|(i|we) (have )?(heard|learned|learnt|read|got to know)|made clear"
    r"|(i|we) (now |fully |do )?(understand|understood|know) (what|the|that|my|how|why|this|all|which|it)"
    r"|described)\b"
)
MAY_REFUSE = (
    r"\b(say(ing)? no\b|refus(e|al|ing)\b|declin\w+|free to|turn (it|this) down|voluntar\w+"
    r"|(do(es)? not|don.t|need not|nobody|no one|not required to|not obliged to|no need to)( have to| has to"
    r"| need to| must)?"
    r" (have|has|agree|sign|go (ahead|through)|accept|take part|say yes|consent|do (it|this)|let)\b"
    r"|(no one|nobody) (can|will|may) (make|force|push|press|blame)"
    r"|(is|are|stays?|remains?) (entirely |really |wholly |always |only )?(yours|mine|(your"
    r"|my) (own )?(free )?(choice|decision|right))\b"
    r"|(does not|do not|don.t|never) have to(?=[.,;:!]|$)|(do not|don.t) have to (be treated|undergo|get"
    r"|receive|start|join)\b"
    r"|nothing (will )?happens? (to you )?if you say no|\bfor you to (choose|decide)\b|(your"
    r"|my) (own )?free (choice|will)"
    r"|\bup to you\b|(choose|decide|right|may|can|rather) not to?\b|decide against|(answer|no) (can|may"
    r"|is) (be )?(no|an)"
    r"|not want (it|this)|yours to (make|decide)|you can (leave|pass|skip)|yes or no|do i have to"
    r"|an offer"
    r"|you decide|your call\b|without (your|my) yes|only if you (agree|want|say))"
    r""
)
MAY_WITHDRAW = (
    r"\b(chang\w+ (your|my|their) minds?|(you|i|consent|agreement|permission|yes|right to|may"
    r"|can) (to )?(be )?withdr[ae]w\w*"
    r"|withdraw (your|my|the|this|consent|it)|(take|takes|taking) (back|it back|(your|my) \w+ back|that back)"
    r"|revoke\w*|cancel\w* (your|my|this|the|it|at)|be cancelled|call (it|the \w+|things) off"
    r"|(stop(?! (eating|drinking|taking|smoking|using|driving|your|all|any|blood))|halt|quit|say no|say so"
    r"|say stop|refuse|pull out|step back|back out|drop out"
    r"|break off"
    r"|decline)\b.{0,60}"
    r"(any ?time|at any|any (moment|point)|whenever|later|once|after|until|even (when|if|though|with)|sign|before"
    r"|last moment"
    r")|(even|also) after (you|i|sign\w*|having)|(ask|tell) us to stop|still (stop|say no"
    r"|refuse)"
    r"|stop (us|it|this|the (treatment|procedure|visit|test))|whether (you|i) (have )?signed"
    r"|(your )?(signature|name on (this|the) (page|sheet|form)) (does|changes|binds|will) (not|nothing|nobody)"
    r"|(whatever|no matter what) (you|was|i) (have )?(signed|ticked|agreed|said)|(with|despite"
    r"|notwithstanding) (a|the|your|this)"
    r" (signed|signature|form|sheet)|right (until|up to)|interrupt (it|the)|undo (it|this|your)"
    r"|not bind\w* you|reconsider\w*|not (binding|final)"
    r"|sign\w*\b.{0,40}\b(does not|doesn.t|do not) (commit|oblige|force|mean (you|that you) (have to|must)))"
)
INVITES_QUESTIONS = (
    r"\b(ask|asking)\b|\bquestions?\b|not clear|unclear|\b(want|wish|like) to (know|talk|hear|ask)|to talk\b"
    r"|talk to us"
    r"|(do not|don.t) understand|not sure|answer (any|you|all|your|what)|worr(y|ies|ied)|happy to help"
    r"|tell you more|know more"
    r"|will (tell|answer)|anything (else|more)|contact\w*|reach (us|out)|speak (to|with|up)"
    r"|wonder\w*"
)
WHOM_TO_CALL = (
    r"\b(call|calling|phone|ring|contact\w*|reach|dial|telephone|number|e-?mail|write to|message|hot ?line"
    r"|nurse line|line is"
    r"|office|desk|clinic|ask (us|the|your|any|our))\b"
)
EMERGENCY = (
    r"\b(911|999|112|000|111|emergenc\w+|after.hours|out.of.hours|outside (of )?(office|opening|clinic) hours"
    r"|at night"
    r"|nights?|24 hours|24/7|day or night|round the clock|on.call|when we are closed|weekends?|ambulance|urgent\w*)\b"
)
