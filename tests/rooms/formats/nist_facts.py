"""The data models of NIST SP 1500-103 (v1.0) and SP 1500-100 (v2), as facts, and a validator of both forms.

Field names, types, which are required and which repeat, and the values of each enumeration are those of
NIST's own schemas (works of the United States Government, in the public domain): NIST_V0_cast_vote_records
.json and .xsd of usnistgov/CastVoteRecords, and the JSON schema of SP 1500-100 version 2. Fields stand in the
order of the XML schema. Notation: `Name!` is required, `Name*` repeats, `Name!*` both; after the colon stands
the type, `|` between alternatives. Classes that our writers never use are left out, so using one would fail.
"""

import re
from typing import Any

from lxml import etree

CVR = {
    "CastVoteRecordReport": "CVR*:CVR "
    "Election!*:Election GeneratedDate!:date-time GpUnit!*:GpUnit Notes:string "
    "Party*:Party ReportGeneratingDeviceIds!*:ref ReportingDevice!*:ReportingDevice "
    "ReportType*:ReportType OtherReportType:string Version!:Version",
    "CVR": "BallotAuditId:string BallotImage*:none BallotPrePrintedId:string BallotSheetId:string "
    "BallotStyleId:string BallotStyleUnitId:ref BatchId:string BatchSequenceId:integer "
    "CreatingDeviceId:ref CurrentSnapshotId!:ref CVRSnapshot!*:CVRSnapshot ElectionId!:ref "
    "PartyIds*:ref UniqueId:string",
    "CVRSnapshot": "@id! Annotation*:none CVRContest*:CVRContest Status*:CVRStatus OtherStatus:string "
    "Type!:CVRType",
    "CVRContest": "ContestId!:ref CVRContestSelection*:CVRContestSelection Overvotes:integer "
    "Selections:integer Status*:ContestStatus OtherStatus:string Undervotes:integer "
    "WriteIns:integer",
    "CVRContestSelection": "ContestSelectionId:ref OptionPosition:integer Rank:integer "
    "SelectionPosition!*:SelectionPosition Status*:ContestSelectionStatus OtherStatus:string "
    "TotalFractionalVotes:fraction TotalNumberVotes:integer",
    "SelectionPosition": "Code*:Code CVRWriteIn:CVRWriteIn FractionalVotes:fraction HasIndication!:YesNo "
    "IsAllocable:YesNo IsGenerated:boolean MarkMetricValue*:string NumberVotes!:integer "
    "Position:integer Rank:integer Status*:PositionStatus OtherStatus:string",
    "CVRWriteIn": "Text:string WriteInImage:none",
    "Election": "@id! Candidate*:Candidate Code*:Code "
    "Contest!*:CandidateContest|BallotMeasureContest|PartyContest|RetentionContest "
    "ElectionScopeId!:ref Name:string",
    "CandidateContest": "@id! Abbreviation:string Code*:Code "
    "ContestSelection!*:CandidateSelection|BallotMeasureSelection|PartySelection|ContestSelection "
    "Name:string VoteVariation:VoteVariation OtherVoteVariation:string NumberElected:integer "
    "PrimaryPartyId:ref VotesAllowed:integer",
    "CandidateSelection": "@id! Code*:Code CandidateIds*:ref IsWriteIn:boolean",
    "BallotMeasureSelection": "@id! Code*:Code Selection!:string",
    "Candidate": "@id! Code*:Code Name:string PartyId:ref",
    "Party": "@id! Abbreviation:string Code*:Code Name:string",
    "GpUnit": "@id! Code*:Code Name:string ReportingDeviceIds*:ref Type!:UnitType OtherType:string",
    "ReportingDevice": "@id! Application:string Code*:Code Manufacturer:string MarkMetricType:string "
    "Model:string Notes*:string SerialNumber:string",
    "Code": "Label:string Type!:IdentifierType OtherType:string Value!:string",
}
ERR = {
    "ElectionReport": "Election*:Election ExternalIdentifier*:ExternalIdentifier Format!:Format "
    "GeneratedDate!:date-time GpUnit*:ReportingUnit|ReportingDevice Header*:none "
    "IsTest:boolean Issuer!:string IssuerAbbreviation!:string Notes:string Office*:none "
    "OfficeGroup*:none Party*:Party Person*:none SequenceEnd!:integer SequenceStart!:integer "
    "Status!:ResultsStatus TestType:string VendorApplicationId!:string",
    "Election": "BallotCounts*:BallotCounts BallotStyle*:none Candidate*:Candidate "
    "ContactInformation:none Contest*:CandidateContest CountStatus*:none ElectionScopeId!:ref "
    "EndDate!:date ExternalIdentifier*:ExternalIdentifier Name!:InternationalizedText "
    "StartDate!:date Type!:ElectionType OtherType:string",
    "CandidateContest": "@id! Abbreviation:string BallotSubTitle:InternationalizedText "
    "BallotTitle:InternationalizedText ContestSelection*:CandidateSelection CountStatus*:none "
    "ElectionDistrictId!:ref ExternalIdentifier*:ExternalIdentifier HasRotation:boolean "
    "Name!:string OtherCounts*:OtherCounts SequenceOrder:integer SubUnitsReported:integer "
    "TotalSubUnits:integer VoteVariation:VoteVariation OtherVoteVariation:string "
    "NumberElected:integer NumberRunoff:integer OfficeIds*:ref PrimaryPartyIds*:ref "
    "VotesAllowed!:integer",
    "CandidateSelection": "@id! SequenceOrder:integer VoteCounts*:VoteCounts CandidateIds*:ref "
    "EndorsementPartyIds*:ref IsWriteIn:boolean",
    "VoteCounts": "DeviceClass:none GpUnitId!:ref IsSuppressedForPrivacy:boolean Round:integer "
    "Type!:CountItemType OtherType:string Count!:number",
    "OtherCounts": "DeviceClass:none GpUnitId!:ref Overvotes:number Undervotes:number WriteIns:integer",
    "BallotCounts": "DeviceClass:none GpUnitId!:ref IsSuppressedForPrivacy:boolean Round:integer "
    "Type!:CountItemType OtherType:string BallotsCast:integer BallotsOutstanding:integer "
    "BallotsRejected:integer",
    "Candidate": "@id! BallotName!:InternationalizedText CampaignSlogan:InternationalizedText "
    "ExternalIdentifier*:ExternalIdentifier FileDate:date IsIncumbent:boolean "
    "IsTopTicket:boolean PartyId:ref PersonId:ref PostElectionStatus:PostElectionStatus "
    "PreElectionStatus:string",
    "Party": "@id! Abbreviation:InternationalizedText ExternalIdentifier*:ExternalIdentifier "
    "Name!:InternationalizedText",
    "ReportingUnit": "@id! ComposingGpUnitIds*:ref ExternalIdentifier*:ExternalIdentifier "
    "Name:InternationalizedText AuthorityIds*:ref IsDistricted:boolean IsMailOnly:boolean "
    "Number:string SubUnitsReported:integer TotalSubUnits:integer Type!:UnitType "
    "OtherType:string VotersParticipated:integer VotersRegistered:integer",
    "ExternalIdentifier": "Label:string Type!:IdentifierType OtherType:string Value!:string",
    "InternationalizedText": "Label:string Text!*:LanguageString",
    "LanguageString": "Content!:string Language!:string",
}
VARIATIONS = "approval borda cumulative majority n-of-m other plurality proportional range rcv super-majority"
IDENTIFIERS = "fips local-level national-level ocd-id other state-level"
ENUMERATIONS: dict[str, dict[str, str]] = {
    "CVR": {
        "ContestSelectionStatus": "generated-rules invalidated-rules needs-adjudication other",
        "ContestStatus": "invalidated-rules not-indicated other overvoted undervoted",
        "CVRStatus": "needs-adjudication other",
        "CVRType": "interpreted modified original",
        "IdentifierType": IDENTIFIERS,
        "PositionStatus": "adjudicated generated-rules invalidated-rules other",
        "ReportType": "adjudicated aggregated originating-device-export other rcv-round",
        "UnitType": "combined-precinct other polling-place precinct split-precinct vote-center",
        "Version": "1.0.0",
        "VoteVariation": VARIATIONS,
        "YesNo": "no unknown yes",
    },
    "ElectionResults": {
        "CountItemType": "absentee absentee-fwab absentee-in-person absentee-mail early election-day other "
        "provisional seats total uocava write-in",
        "ElectionType": "general other partisan-primary-closed partisan-primary-open primary runoff special",
        "Format": "precinct-level summary-contest",
        "IdentifierType": IDENTIFIERS,
        "PostElectionStatus": "advanced-to-runoff defeated projected-winner winner withdrawn",
        "ResultsStatus": "certified correction pre-election recount unofficial-complete unofficial-partial",
        "UnitType": "ballot-batch ballot-style-area "
        "borough city city-council combined-precinct congressional "
        "country county county-council drop-box judicial municipality other polling-place "
        "precinct school special split-precinct state state-house state-senate town township "
        "utility village vote-center ward water",
        "VoteVariation": VARIATIONS,
    },
}
MODELS = {"CVR": CVR, "ElectionResults": ERR}
TEXTS = {
    "string": r"(?s).*",
    "ref": r".+",
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "fraction": r"([0-9]+/[1-9]+[0-9]*)|(\.[0-9]+)",
}


def faults_of_json(data: Any, package: str, kind: str) -> list[str]:
    """Every way in which a decoded document breaks the model: empty where it is valid."""
    faults = _faults(data, package, kind, "$")
    ids, refs = _ids(data), _refs(data, package)
    faults += [f"{ref} names nothing" for ref in refs if ref not in ids]
    return faults + [f"the id {one} twice" for one in ids if ids.count(one) > 1]


def faults_of_xml(data: bytes, package: str, kind: str) -> list[str]:
    """The same of a document in XML; also the order of elements, and that ids are XML names."""
    root = etree.fromstring(data)
    faults: list[str] = []
    shape = _shape(root, package, kind, faults)
    names = [one for one in _ids(shape) if not re.fullmatch(r"[A-Za-z_][\w.-]*", one)]
    return faults + faults_of_json(shape, package, kind) + [f"{one} is no XML id" for one in names]


def fields_of(package: str, kind: str) -> dict[str, tuple[str, bool, bool]]:
    """The fields of a class: name -> (type, required, repeats)."""
    fields = {}
    for word in MODELS[package][kind].split():
        name, _, types = word.partition(":")
        fields[name.rstrip("!*")] = (types or "string", "!" in name, "*" in name)
    return fields


def _faults(value: Any, package: str, kind: str, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at} is no {kind}"]
    fields = fields_of(package, kind)
    faults = [f"{at}.{name} is unknown" for name in value if name not in {*fields, "@type"}]
    faults += [
        f"{at}.{name} is missing" for name, (_, must, _) in fields.items() if must and name not in value
    ]
    if value.get("@type") != f"{package}.{kind}":
        faults.append(f"{at} has the @type {value.get('@type')}, not {kind}")
    for name, (types, must, many) in fields.items():
        if name in value and many:
            items = value[name] if isinstance(value[name], list) else [None]
            faults += [f"{at}.{name} is empty"] if must and not items else []
            for place, item in enumerate(items):
                faults += _value_faults(item, package, types, f"{at}.{name}[{place}]")
        elif name in value:
            faults += _value_faults(value[name], package, types, f"{at}.{name}")
    return faults


def _value_faults(value: Any, package: str, types: str, at: str) -> list[str]:
    kinds = [kind for kind in types.split("|") if kind in MODELS[package]]
    if kinds:
        named = str(value.get("@type", "")).partition(".")[2] if isinstance(value, dict) else ""
        return _faults(value, package, named if named in kinds else kinds[0], at)
    allowed = ENUMERATIONS[package].get(types)
    if allowed is not None:
        return [] if value in allowed.split() else [f"{at} is {value!r}, not of {types}"]
    if types in {"integer", "number"}:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return [] if is_number else [f"{at} is {value!r}, no {types}"]
    if types == "boolean":
        return [] if isinstance(value, bool) else [f"{at} is {value!r}, no boolean"]
    good = isinstance(value, str) and types in TEXTS and re.fullmatch(TEXTS[types], value)
    return [] if good else [f"{at} is {value!r}, no {types}"]


def _ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in _ids(item)]
    if isinstance(value, dict):
        own = [value["@id"]] if "@id" in value else []
        return own + [one for item in value.values() for one in _ids(item)]
    return []


def _refs(value: Any, package: str) -> list[str]:
    if isinstance(value, list):
        return [one for item in value for one in _refs(item, package)]
    if not isinstance(value, dict):
        return []
    fields = fields_of(package, str(value.get("@type", "")).partition(".")[2])
    found = [one for item in value.values() for one in _refs(item, package)]
    for name, (types, _, many) in fields.items():
        if types == "ref" and name in value:
            found += value[name] if many else [value[name]]
    return found


def _shape(element: Any, package: str, kind: str, faults: list[str]) -> Any:
    """The shape of the JSON form, with the types that the schema gives; notes elements out of order."""
    fields = fields_of(package, kind)
    shape: dict[str, Any] = {"@type": f"{package}.{kind}"}
    if "ObjectId" in element.attrib:
        shape["@id"] = element.get("ObjectId")
    if kind == "LanguageString":
        return {**shape, "Content": element.text or "", "Language": element.get("Language")}
    places = [list(fields).index(name) for name in map(_local, element) if name in fields]
    if places != sorted(places):
        faults.append(f"{kind}: elements out of order: {[_local(child) for child in element]}")
    for child in element:
        types, _, many = fields.get(_local(child), ("string", False, False))
        named = str(child.get("{http://www.w3.org/2001/XMLSchema-instance}type") or types.partition("|")[0])
        if named in MODELS[package]:
            value = _shape(child, package, named, faults)
        else:
            value = _typed(child.text or "", types)
        if types == "ref" and many:
            shape[_local(child)] = str(value).split()
        elif many:
            shape.setdefault(_local(child), []).append(value)
        else:
            shape[_local(child)] = value
    return shape


def _typed(text: str, types: str) -> Any:
    if types in {"integer", "number"} and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if types == "boolean" else text


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
