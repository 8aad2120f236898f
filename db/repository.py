"""The repositories under one name, for programs that only want to import them."""

from db.errors import DatabaseError, DatabaseUnavailableError
from db.repositories.appointments import AppointmentRepository
from db.repositories.blocks import BlockRepository
from db.repositories.businesses import BusinessRepository
from db.repositories.conversations import ConversationRepository
from db.repositories.customers import CustomerRepository
from db.repositories.waitlist import WaitlistRepository

__all__ = [
    "AppointmentRepository",
    "BlockRepository",
    "BusinessRepository",
    "ConversationRepository",
    "CustomerRepository",
    "DatabaseError",
    "DatabaseUnavailableError",
    "WaitlistRepository",
]
