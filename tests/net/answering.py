"""A pretend computer whose programs answer what a test says they do."""

from engine.net.commands import Answer

MAY_NOT = Answer(1, "Operation not permitted (you must be root)")


class Computer:
    """``says("ufw status", "Status: active")``; a program that was given no answer is not there."""

    def __init__(self) -> None:
        self._answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    def says(self, command: str, said: str | Answer, code: int = 0) -> "Computer":
        self._answers[command] = said if isinstance(said, Answer) else Answer(code, said)
        return self

    def run(self, *words: str) -> Answer | None:
        command = " ".join(words)
        self.asked.append(command)
        return self._answers.get(command)
