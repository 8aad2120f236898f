"""The repositories under one name, for programs that only want to import them."""

from db.errors import DatabaseError, DatabaseUnavailableError
from db.repositories.appointments import AppointmentRepository
from db.repositories.businesses import BusinessRepository
from db.repositories.conversations import ConversationRepository
from db.repositories.customers import CustomerRepository

__all__ = [
    "AppointmentRepository",
    "BusinessRepository",
    "ConversationRepository",
    "CustomerRepository",
    "DatabaseError",
    "DatabaseUnavailableError",
]
