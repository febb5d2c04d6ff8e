"""The shape of `policy` in environments.yaml: what `bump check` asks for, and what `bump policy render` makes."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from bot.config.kinds import (
    ApiGroup,
    EnvironmentName,
    FilePath,
    ImagePattern,
    Kind,
    LabelKey,
    LabelValue,
    Pattern,
    RuleName,
    Sentence,
    ValuesKey,
    worded,
)
from bot.config.section import Section
from bot.policy.admission.settings import HOLE, LABELS, OBSERVED, Action
from bot.policy.settings import EVERYWHERE, FLEET_KEY, GROUP, KINDS, OPERATOR_IMAGES


def _by_environment(value: object) -> object:
    return value if isinstance(value, dict) else {EVERYWHERE: value}


def _actions_by_environment(value: object) -> object:
    by_environment = _by_environment(value)
    if not isinstance(by_environment, dict):
        return by_environment
    found = {name: (one,) if isinstance(one, str) else one for name, one in by_environment.items()}
    for actions in found.values():
        if isinstance(actions, tuple) and Action.DENY in actions and Action.WARN in actions:
            raise worded("Deny and Warn at once; Kubernetes takes one of them, and what is denied is told anyway")
    return found


ActionOrActions = Literal["Deny", "Warn", "Audit"] | list[Literal["Deny", "Warn", "Audit"]]
Level = Literal["error", "warning", "ignore"]
Levels = Annotated[
    dict[str, Level], BeforeValidator(_by_environment, json_schema_input_type=Level | dict[EnvironmentName, Level])
]
Actions = Annotated[
    dict[str, tuple[Literal["Deny", "Warn", "Audit"], ...]],
    BeforeValidator(
        _actions_by_environment,
        json_schema_input_type=ActionOrActions | dict[EnvironmentName, ActionOrActions],
    ),
]


class OperatorsSection(Section):
    """Which images are held to `operator-pinned`. What stands under a key `operators` always is."""

    model_config = ConfigDict(title="Operators")

    kinds: tuple[Kind, ...] = Field(
        default=KINDS, description="Kinds of custom resources: their spec.image is a primitive's image."
    )
    group: ApiGroup = Field(
        default=GROUP, description="The API group of these kinds; groups below it count, too. For what is no image."
    )
    owner_label: LabelKey | None = Field(
        default=None,
        description="A label of workloads that names the primitive that they are of, beside ownerReferences.",
    )
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] | None = Field(
        default=None,
        description="What every primitive may say in spec.imagePullPolicy without a waiver; null: nothing at all.",
    )
    images: tuple[ImagePattern, ...] = Field(
        default=OPERATOR_IMAGES,
        json_schema_extra={"default": [str(glob) for glob in OPERATOR_IMAGES]},
        description="Patterns over host/path of operators' images, whoever's they are.",
    )
    paths: tuple[Pattern, ...] = Field(default=(), description="Patterns of files in which every image is one.")


class FleetSection(Section):
    """What holds for all primitives at once, in charts and in texts of values."""

    model_config = ConfigDict(title="Fleet")

    key: ValuesKey = Field(
        default=FLEET_KEY, description="The one value from which primitives render spec.imagePullPolicy."
    )
    evaluated: tuple[Pattern, ...] = Field(
        default=(),
        description="Patterns of files that go through tpl, beside those of which charts in the checkout tell.",
    )


class AdmissionSection(Section):
    """What `bump policy render` makes for clusters."""

    model_config = ConfigDict(title="Admission")

    namespace_labels: dict[LabelKey, LabelValue] = Field(
        default=dict(LABELS),
        min_length=1,
        description=f"Which namespaces are an environment's: all of these labels; {HOLE} stands for its name.",
    )
    registries: tuple[ImagePattern, ...] = Field(
        default=(), description="Patterns over host/path of the images that may run; empty: any image may."
    )
    actions: Actions = Field(
        default={EVERYWHERE: ("Warn", "Audit")},
        json_schema_extra={"default": [action.value for action in OBSERVED]},
        description=(
            "What happens to an object that breaks a rule: Deny, Warn, Audit, a list of them ([] makes no policies), "
            "or {environment: one of these}. Rules at the level warning never deny."
        ),
    )


class PolicySection(Section):
    """What `bump check` asks for, and how loudly."""

    model_config = ConfigDict(title="Policy")

    profile: Literal["plan", "strict"] = Field(
        default="plan", description="plan: every documented shape. strict: one string repo@sha256:… alone."
    )
    rules: dict[RuleName, Levels] = Field(
        default_factory=dict, description="Rule: its level, or {environment: level}; error, warning or ignore."
    )
    operators: OperatorsSection = Field(
        default_factory=OperatorsSection, description="Which images are operators' and primitives'."
    )
    fleet: FleetSection = Field(default_factory=FleetSection, description="What holds for all primitives at once.")
    documents: dict[FilePath, tuple[Sentence, ...]] = Field(
        default_factory=dict, description="Document: the texts that it must mention. None: no document is looked at."
    )
    admission: AdmissionSection = Field(
        default_factory=AdmissionSection, description="What `bump policy render` makes for clusters."
    )
    private_images: tuple[ImagePattern, ...] = Field(
        default=(), description="Patterns over host/path of images that need a pull secret; empty: none is asked for."
    )
    max_waiver_days: int = Field(
        default=90, ge=1, le=366, description="How far in the future a waiver may expire, in days."
    )
