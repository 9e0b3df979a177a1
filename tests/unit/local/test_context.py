from hf_lambda.deadline import Deadline
from hf_lambda.local.context import LocalContext
from hf_lambda.settings import Settings
from tests.unit.doubles import RecordingObserver, StandingClock


def test_remaining_time_is_the_deadline_in_milliseconds(settings: Settings) -> None:
    """What Lambda would say of the time left follows the deadline."""
    clock = StandingClock()
    context = LocalContext(settings, Deadline(2.5, clock=clock), RecordingObserver())
    assert context.get_remaining_time_in_millis() == 2500
    clock.now += 1
    assert context.get_remaining_time_in_millis() == 1500


def test_each_context_has_a_request_id_of_its_own(settings: Settings) -> None:
    """Log lines of two renders can be told apart."""
    contexts = [LocalContext(settings, Deadline(1), RecordingObserver()) for _ in range(2)]
    assert contexts[0].aws_request_id != contexts[1].aws_request_id
    assert len(contexts[0].aws_request_id) == 36
